package main

import (
	"github.com/cxloop/cxloop/activities"
	"github.com/cxloop/cxloop/web"
)

// caseLinks lead from a case to its page, where there are pages, and to its customer in
// the CRM.
func (a *app) caseLinks() activities.CaseLinks {
	return activities.CaseLinks{Page: a.casePage(), Record: a.config.RecordURL}
}

// casePage makes the address of a case's page; nil where there are none.
func (a *app) casePage() func(caseID string) string {
	if a.config.Cases.PageFor == 0 {
		return nil
	}
	return func(caseID string) string { return a.config.Server.PublicURL + web.CasePath(a.tokens, caseID) }
}

// casePages are the pages of cases.
func (a *app) casePages() web.CasePages {
	pages := web.CasePages{For: a.config.Cases.PageFor, Facts: a.caseFacts(), SLA: a.config.SLA, Record: a.config.RecordURL}
	if a.assistant != nil {
		pages.Drafts = a.assistant
	}
	return pages
}
