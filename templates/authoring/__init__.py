"""Writes the supplied Word templates: a .docx cannot be reviewed as a difference of lines, these scripts can.

``make templates`` (or ``python -m templates.authoring``) writes them all, the same bytes every time. An office edits
the .docx files themselves in Word or WPS and never needs this folder.
"""
