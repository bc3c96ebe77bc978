"""Property companies, project offices, contracts, staff, workers, certificates, rosters."""
