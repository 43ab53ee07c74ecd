// Package localserver starts the servers that cxloop needs as child processes of its own: a Temporal server for
// `cxloop dev`, and both that and a private PostgreSQL cluster for tests and benches.
//
// A child never outlives the process that started it: on Linux the kernel signals it when that process ends, however it
// ends; elsewhere cxloop-devserver notices by itself.
package localserver
