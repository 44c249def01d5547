"""The inspector `virustotal`: what VirusTotal knows of addresses, domains, URLs and files."""
