"""Follow-up chains of the office, and the ladder that overdue promises climb."""
