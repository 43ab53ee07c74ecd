// Package survey is the domain: programs, eligibility, questions, the scoring of
// one response, and the rules of cases and asks. It does no I/O, imports nothing
// of the project and asks for the time instead of reading it, so that every rule
// of the business can be read and tested here alone.
package survey
