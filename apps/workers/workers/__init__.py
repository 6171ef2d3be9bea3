"""The workers service: takes jobs from the database and runs them."""
