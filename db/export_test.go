package db

// AvailableSQL is what Available sends.
func AvailableSQL(through Installation, filter Filter, sort Sort, window Window) (string, []any, error) {
	q, err := queryAvailable(through, filter, sort, window)
	return q.sql.String(), q.args, err
}

// ImportsThroughSQL is what ImportsThrough sends.
func ImportsThroughSQL(through Installation, filter Filter, sort Sort, window Window) (string, []any, error) {
	q, err := queryImportsThrough(through, filter, sort, window)
	return q.sql.String(), q.args, err
}
