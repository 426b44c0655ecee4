CREATE TABLE runs (
	run TEXT NOT NULL, 
	area TEXT NOT NULL, 
	as_of TEXT NOT NULL, 
	list_hash TEXT NOT NULL, 
	record TEXT NOT NULL, 
	files TEXT NOT NULL, 
	audit TEXT NOT NULL, 
	gate TEXT NOT NULL, 
	created_by TEXT NOT NULL, 
	created_at TEXT NOT NULL, 
	PRIMARY KEY (run), 
	UNIQUE (run, list_hash)
);
CREATE TABLE sessions (
	"key" TEXT NOT NULL, 
	user TEXT NOT NULL, 
	name TEXT NOT NULL, 
	role TEXT NOT NULL, 
	areas TEXT NOT NULL, 
	csrf TEXT NOT NULL, 
	started_at TEXT NOT NULL, 
	seen_at TEXT NOT NULL, 
	ended_at TEXT, 
	PRIMARY KEY ("key")
);
CREATE TABLE ledger (
	seq INTEGER NOT NULL, 
	prev TEXT NOT NULL, 
	at TEXT NOT NULL, 
	actor TEXT NOT NULL, 
	action TEXT NOT NULL, 
	subject TEXT NOT NULL, 
	detail TEXT NOT NULL, 
	hash TEXT NOT NULL, 
	signature TEXT NOT NULL, 
	PRIMARY KEY (seq), 
	UNIQUE (prev), 
	UNIQUE (hash)
);
CREATE INDEX ledger_subject ON ledger (subject, action);
CREATE TABLE reviews (
	review INTEGER NOT NULL, 
	run TEXT NOT NULL, 
	reviewer TEXT NOT NULL, 
	act TEXT NOT NULL, 
	reason TEXT NOT NULL, 
	expires TEXT, 
	acknowledged TEXT NOT NULL, 
	at TEXT NOT NULL, 
	PRIMARY KEY (review), 
	CHECK (act IN ('approve','refuse','waive','withdraw')), 
	UNIQUE (run, reviewer, act), 
	FOREIGN KEY(run) REFERENCES runs (run)
);
CREATE TABLE releases (
	release TEXT NOT NULL, 
	run TEXT NOT NULL, 
	list_hash TEXT NOT NULL, 
	released_at TEXT NOT NULL, 
	expires TEXT NOT NULL, 
	PRIMARY KEY (release), 
	UNIQUE (run), 
	FOREIGN KEY(run) REFERENCES runs (run)
);
CREATE TABLE decisions (
	decision_id INTEGER NOT NULL, 
	run TEXT NOT NULL, 
	person TEXT NOT NULL, 
	"by" TEXT NOT NULL, 
	decision TEXT NOT NULL, 
	reason_code TEXT NOT NULL, 
	reason TEXT NOT NULL, 
	until TEXT, 
	sensitive BOOLEAN NOT NULL, 
	safety_confirmed TEXT NOT NULL, 
	replaces INTEGER, 
	at TEXT NOT NULL, 
	PRIMARY KEY (decision_id), 
	UNIQUE (run, person, replaces), 
	FOREIGN KEY(run) REFERENCES runs (run), 
	FOREIGN KEY(replaces) REFERENCES decisions (decision_id)
);
CREATE UNIQUE INDEX one_first_decision ON decisions (run, person) WHERE replaces IS NULL;
CREATE TABLE clearances (
	run TEXT NOT NULL, 
	person TEXT NOT NULL, 
	kind TEXT NOT NULL, 
	"by" TEXT NOT NULL, 
	reason TEXT NOT NULL, 
	at TEXT NOT NULL, 
	PRIMARY KEY (run, person, kind), 
	FOREIGN KEY(run) REFERENCES runs (run)
);
CREATE TABLE withdrawals (
	release TEXT NOT NULL, 
	"by" TEXT NOT NULL, 
	reason TEXT NOT NULL, 
	at TEXT NOT NULL, 
	PRIMARY KEY (release), 
	FOREIGN KEY(release) REFERENCES releases (release)
);
CREATE TABLE published (
	run TEXT NOT NULL, 
	release TEXT NOT NULL, 
	list_hash TEXT NOT NULL, 
	header TEXT NOT NULL, 
	published_at TEXT NOT NULL, 
	PRIMARY KEY (run), 
	FOREIGN KEY(run) REFERENCES runs (run), 
	FOREIGN KEY(release) REFERENCES releases (release)
);
CREATE TABLE published_rows (
	run TEXT NOT NULL, 
	position INTEGER NOT NULL, 
	list_hash TEXT NOT NULL, 
	hash TEXT NOT NULL, 
	person TEXT, 
	document TEXT, 
	PRIMARY KEY (run, position), 
	FOREIGN KEY(run) REFERENCES published (run)
);
CREATE TABLE published_cases (
	run TEXT NOT NULL, 
	hash TEXT NOT NULL, 
	list_hash TEXT NOT NULL, 
	person TEXT, 
	document TEXT, 
	PRIMARY KEY (run, hash), 
	FOREIGN KEY(run) REFERENCES published (run)
);
CREATE TABLE identities (
	run TEXT NOT NULL, 
	person TEXT NOT NULL, 
	sealed TEXT NOT NULL, 
	PRIMARY KEY (run, person), 
	FOREIGN KEY(run) REFERENCES published (run)
);
CREATE TRIGGER runs_update BEFORE UPDATE ON runs  BEGIN SELECT RAISE(ABORT, 'runs are never changed'); END;
CREATE TRIGGER runs_delete BEFORE DELETE ON runs  BEGIN SELECT RAISE(ABORT, 'runs are never changed'); END;
CREATE TRIGGER reviews_update BEFORE UPDATE ON reviews  BEGIN SELECT RAISE(ABORT, 'reviews are never changed'); END;
CREATE TRIGGER reviews_delete BEFORE DELETE ON reviews  BEGIN SELECT RAISE(ABORT, 'reviews are never changed'); END;
CREATE TRIGGER releases_update BEFORE UPDATE ON releases  BEGIN SELECT RAISE(ABORT, 'releases are never changed'); END;
CREATE TRIGGER releases_delete BEFORE DELETE ON releases  BEGIN SELECT RAISE(ABORT, 'releases are never changed'); END;
CREATE TRIGGER withdrawals_update BEFORE UPDATE ON withdrawals  BEGIN SELECT RAISE(ABORT, 'withdrawals are never changed'); END;
CREATE TRIGGER withdrawals_delete BEFORE DELETE ON withdrawals  BEGIN SELECT RAISE(ABORT, 'withdrawals are never changed'); END;
CREATE TRIGGER published_update BEFORE UPDATE ON published  BEGIN SELECT RAISE(ABORT, 'published are never changed'); END;
CREATE TRIGGER published_delete BEFORE DELETE ON published  BEGIN SELECT RAISE(ABORT, 'published are never changed'); END;
CREATE TRIGGER decisions_update BEFORE UPDATE ON decisions  BEGIN SELECT RAISE(ABORT, 'decisions are never changed'); END;
CREATE TRIGGER decisions_delete BEFORE DELETE ON decisions  BEGIN SELECT RAISE(ABORT, 'decisions are never changed'); END;
CREATE TRIGGER clearances_update BEFORE UPDATE ON clearances  BEGIN SELECT RAISE(ABORT, 'clearances are never changed'); END;
CREATE TRIGGER clearances_delete BEFORE DELETE ON clearances  BEGIN SELECT RAISE(ABORT, 'clearances are never changed'); END;
CREATE TRIGGER ledger_update BEFORE UPDATE ON ledger  BEGIN SELECT RAISE(ABORT, 'ledger are never changed'); END;
CREATE TRIGGER ledger_delete BEFORE DELETE ON ledger  BEGIN SELECT RAISE(ABORT, 'ledger are never changed'); END;
CREATE TRIGGER published_insert BEFORE INSERT ON published WHEN NOT EXISTS (SELECT 1 FROM releases r WHERE r.run = NEW.run AND r.list_hash = NEW.list_hash AND NOT EXISTS (SELECT 1 FROM withdrawals w WHERE w.release = r.release) AND r.release = NEW.release AND r.released_at <= NEW.published_at AND substr(NEW.published_at, 1, 10) <= r.expires) BEGIN SELECT RAISE(ABORT, 'no live release of this list'); END;
CREATE TRIGGER published_rows_insert BEFORE INSERT ON published_rows WHEN NOT EXISTS (SELECT 1 FROM releases r WHERE r.run = NEW.run AND r.list_hash = NEW.list_hash AND NOT EXISTS (SELECT 1 FROM withdrawals w WHERE w.release = r.release) AND NEW.list_hash = (SELECT p.list_hash FROM published p WHERE p.run = NEW.run)) BEGIN SELECT RAISE(ABORT, 'no live release of this list'); END;
CREATE TRIGGER published_rows_delete BEFORE DELETE ON published_rows  BEGIN SELECT RAISE(ABORT, 'published_rows are never deleted'); END;
CREATE TRIGGER published_cases_insert BEFORE INSERT ON published_cases WHEN NOT EXISTS (SELECT 1 FROM releases r WHERE r.run = NEW.run AND r.list_hash = NEW.list_hash AND NOT EXISTS (SELECT 1 FROM withdrawals w WHERE w.release = r.release) AND NEW.list_hash = (SELECT p.list_hash FROM published p WHERE p.run = NEW.run)) BEGIN SELECT RAISE(ABORT, 'no live release of this list'); END;
CREATE TRIGGER published_cases_delete BEFORE DELETE ON published_cases  BEGIN SELECT RAISE(ABORT, 'published_cases are never deleted'); END;
CREATE TRIGGER published_rows_update BEFORE UPDATE ON published_rows WHEN NOT (NEW.document IS NULL AND NEW.person IS NULL AND NEW.hash = OLD.hash AND NEW.run = OLD.run AND NEW.position = OLD.position AND NEW.list_hash = OLD.list_hash) BEGIN SELECT RAISE(ABORT, 'only erasure changes a row'); END;
CREATE TRIGGER published_cases_update BEFORE UPDATE ON published_cases WHEN NOT (NEW.document IS NULL AND NEW.person IS NULL AND NEW.hash = OLD.hash AND NEW.run = OLD.run AND NEW.list_hash = OLD.list_hash) BEGIN SELECT RAISE(ABORT, 'only erasure changes a case'); END;
