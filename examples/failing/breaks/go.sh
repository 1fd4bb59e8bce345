# needs: go
# A name that does not exist.
export GOCACHE="$PWD/cache" GOFLAGS=-mod=mod GOPROXY=off
printf 'module example\n' >go.mod
printf 'package main\n\nfunc main() {\n\tprintln(undeclared)\n}\n' >main.go
go build ./...
