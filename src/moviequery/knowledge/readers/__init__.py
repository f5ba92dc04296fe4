"""One module per kind of table, each turning rows into `Movie` records of one source."""
