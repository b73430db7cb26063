"""The theatre: what a case needs, takes, uses, wastes and gives back, what it charges, and what stays in the patient."""
