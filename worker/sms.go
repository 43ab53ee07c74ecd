package main

import (
	"bytes"
	"fmt"
	"maps"
	"slices"

	"github.com/cxloop/cxloop/config"
	"github.com/cxloop/cxloop/survey"
)

// notesOnSMS tells of SMS that are longer than one part, each of which is paid for. Names
// of customers may make others longer too.
func notesOnSMS(c *config.Config) []string {
	a := &app{config: c}
	var err error
	// The length of a link is the same with any key.
	if a.tokens, err = survey.NewTokens(bytes.Repeat([]byte("k"), survey.MinTokenKey)); err != nil {
		panic(err)
	}
	var notes []string
	for i, p := range c.Programs {
		if p.Channel != survey.ChannelSMS {
			continue
		}
		for _, locale := range slices.Sorted(maps.Keys(p.Texts)) {
			size := a.composer().PreviewSMS(p, locale, previewContact, previewAccount).Size
			if size.Parts == 1 {
				continue
			}
			note := fmt.Sprintf("note: programs[%d].texts.%s.sms of %s is sent in %d parts, each of which is paid for", i, locale, p.ID, size.Parts)
			if size.Foreign != "" {
				note += fmt.Sprintf(": because of %s a part holds 70 characters instead of 160", size.Foreign)
			}
			notes = append(notes, note)
		}
	}
	return notes
}
