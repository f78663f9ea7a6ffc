"""The command line: parses, calls, reports; decides nothing."""
