// Package web is the HTTP edge: it takes in what vendors and other systems send,
// and serves the pages behind the links of customers' mails. A request is
// acknowledged once what it brought is durable in the store; no vendor and no
// Temporal call comes before that. A GET never records an answer, because mail
// scanners open every link.
package web
