"""AlertResponder: security alerts become inspected, reviewed and delivered reports.

Imports point inwards: handlers -> usecases -> store, domain, formats -> contracts. Adapters hold boto3 and
are put together in `bootstrap` alone; everything else takes values and small protocols.
"""
