"""The emitter `github`: one issue per report and one comment per round, on github.com or GitHub Enterprise Server.

The message consists of an issue and comments, so `issue`, `comment`, `tables`, `markdown`, `markers` and `truncation`
take the place of the other emitters' `message`. `client` is a repository; `api`, `credentials` and `tracker_factory`
belong to it.
"""
