"""From templates to PDF: filling Word templates and setting them with an engine."""
