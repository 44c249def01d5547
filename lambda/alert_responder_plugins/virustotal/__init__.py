"""The inspector `virustotal`: VirusTotal's data about addresses, domains, URLs and files."""
