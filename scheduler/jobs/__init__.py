"""One small file per job: what is due, in pieces that each commit for themselves."""
