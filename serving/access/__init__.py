"""Who may see and do what: accounts, service accounts, restricted cases, conflicts of interest, alarms."""
