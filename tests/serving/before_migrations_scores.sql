CREATE TABLE scored_lists (
	run TEXT NOT NULL, 
	list_hash TEXT NOT NULL, 
	header TEXT NOT NULL, 
	PRIMARY KEY (run)
);
CREATE TABLE scored_rows (
	run TEXT NOT NULL, 
	position INTEGER NOT NULL, 
	hash TEXT NOT NULL, 
	person TEXT, 
	document TEXT, 
	PRIMARY KEY (run, position), 
	FOREIGN KEY(run) REFERENCES scored_lists (run)
);
CREATE TABLE scored_cases (
	run TEXT NOT NULL, 
	hash TEXT NOT NULL, 
	person TEXT, 
	document TEXT, 
	PRIMARY KEY (run, hash), 
	FOREIGN KEY(run) REFERENCES scored_lists (run)
);
CREATE TABLE scored_identities (
	run TEXT NOT NULL, 
	person TEXT NOT NULL, 
	sealed TEXT NOT NULL, 
	PRIMARY KEY (run, person), 
	FOREIGN KEY(run) REFERENCES scored_lists (run)
);
CREATE TRIGGER scored_lists_update BEFORE UPDATE ON scored_lists  BEGIN SELECT RAISE(ABORT, 'a scored list is never changed'); END;
CREATE TRIGGER scored_rows_update BEFORE UPDATE ON scored_rows WHEN NOT (NEW.document IS NULL AND NEW.person IS NULL AND NEW.hash = OLD.hash AND NEW.run = OLD.run AND NEW.position = OLD.position) BEGIN SELECT RAISE(ABORT, 'only erasure changes a row'); END;
CREATE TRIGGER scored_cases_update BEFORE UPDATE ON scored_cases WHEN NOT (NEW.document IS NULL AND NEW.person IS NULL AND NEW.hash = OLD.hash AND NEW.run = OLD.run) BEGIN SELECT RAISE(ABORT, 'only erasure changes a case'); END;
