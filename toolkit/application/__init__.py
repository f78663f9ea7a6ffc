"""What an applicant says: the model, reading it from files, the programme it answers to, and its checks."""
