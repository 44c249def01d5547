"""AlertResponder: security alerts become inspected, reviewed and delivered reports.

Imports point inwards: handlers -> usecases -> store, domain, formats -> contracts. Adapters contain boto3,
and only `bootstrap` connects them; everything else takes values and small protocols.
"""
