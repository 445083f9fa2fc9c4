# The commands a newcomer needs. What each does stands in scripts/; README.md explains them.
.PHONY: demo test bench fuzz generate web setup clean-demo
.DEFAULT_GOAL := help

help:
	@echo "make demo      build, load the synthetic province, and serve it on http://localhost:8080"
	@echo "make test      everything that must hold before a change lands, timed step by step"
	@echo "make bench     load and speed, measured on this machine"
	@echo "make fuzz      every decoder and reader, fuzzed for a minute each (needs nightly Rust)"
	@echo "make generate  renew .sqlx, contract/openapi.json and the TypeScript types"
	@echo "make web       build the web pages into web/build"
	@echo "make setup     install what is missing (called by the others)"

setup:
	@scripts/setup test

web:
	@scripts/setup run
	@scripts/web

demo: web
	@scripts/demo

test:
	@scripts/test

bench:
	@scripts/bench

fuzz:
	@scripts/fuzz

generate:
	@scripts/generate
