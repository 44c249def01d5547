"""The reviewer `policy`: severity, suppression and labels of reports, from rules as data."""
