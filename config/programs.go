package config

import (
	"errors"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/cxloop/cxloop/survey"
)

const day = 24 * time.Hour

// newProgram is a program with the defaults of the trade.
func newProgram() survey.Program {
	return survey.Program{
		Kind:       survey.Transactional,
		Reminder:   survey.Span(4 * day),
		Expiry:     survey.Span(14 * day),
		AgainAfter: survey.Span(90 * day),
		FollowUp: survey.FollowUp{
			FinalAfter: survey.Span(time.Hour),
			Case:       survey.CaseRule{AlertAfter: survey.Span(2 * time.Minute), CloseAfter: survey.Span(30 * day)},
			Referral:   survey.ReferralRule{Delay: survey.Span(day), AgainAfter: survey.Span(180 * day)},
		},
	}
}

// programs decodes and checks the programs that are well formed.
func (d *document) programs(calendars []survey.Calendar) []survey.Program {
	list := d.value(path{"programs"})
	if list == nil || list.Kind != yaml.SequenceNode {
		return nil
	}
	var programs []survey.Program
	for i, n := range list.Content {
		at := path{"programs", strconv.Itoa(i)}
		if n.Kind != yaml.MappingNode {
			continue
		}
		window, known := d.window(at.join("window"), calendars)
		uses := d.programConditions(at)
		if p, ok := d.program(n, at); ok && known {
			p.Window, p.Terms = window, uses
			d.checkProgram(p, at)
			programs = append(programs, p)
		}
	}
	return programs
}

// program resolves one program; ok is false where its mistakes leave none.
func (d *document) program(n *yaml.Node, at path) (p survey.Program, ok bool) {
	if d.failed(at) {
		return p, false
	}
	p = newProgram()
	var head struct {
		Template survey.Metric `yaml:"template"`
	}
	if err := errors.Join(n.Decode(&head), n.Decode(&p)); err != nil {
		d.add(at, "does not fit: %s", strings.TrimPrefix(err.Error(), "yaml: "))
		return p, false
	}
	switch {
	case head.Template == "" && p.Metric == "":
		d.add(at.join("template"), "is required: nps, csat or ces (or a metric, with all texts your own)")
		return p, false
	case head.Template != "" && p.Metric != "" && head.Template != p.Metric:
		d.add(at.join("metric"), "the template %s measures %s", head.Template, head.Template)
		return p, false
	case head.Template != "":
		p.Metric = head.Template
	}
	if p.Metric == survey.CSAT && p.Scale == 0 {
		p.Scale = 5
	}
	// A referral page without an address leads nowhere.
	if p.FollowUp.Referral.URL == "" && d.value(at.join("follow_up", "referral", "off")) == nil {
		p.FollowUp.Referral.Off = true
	}
	return p, d.resolveTexts(&p, head.Template, at.join("texts"))
}

// resolveTexts lays a program's own texts above the template's.
func (d *document) resolveTexts(p *survey.Program, template survey.Metric, at path) (ok bool) {
	built := builtinTexts(template)
	p.Texts = maps.Clone(built)
	if p.Texts == nil {
		p.Texts = map[string]survey.Texts{}
	}
	if own := d.value(at); own != nil && own.Kind == yaml.MappingNode {
		for i := 0; i+1 < len(own.Content); i += 2 {
			locale, words := own.Content[i].Value, own.Content[i+1]
			texts, found := built[locale]
			if !found { // French of Canada begins with French
				texts = built[strings.SplitN(locale, "-", 2)[0]]
			}
			if err := words.Decode(&texts); err != nil {
				d.add(at.join(locale), "does not fit: %s", strings.TrimPrefix(err.Error(), "yaml: "))
				return false
			}
			p.Texts[locale] = texts
		}
	}
	if _, found := p.Texts[survey.DefaultLocale]; !found {
		d.add(at.join(survey.DefaultLocale), "is required: every other language falls back to it")
		return false
	}
	for _, locale := range slices.Sorted(maps.Keys(p.Texts)) {
		d.checkTexts(p.Texts[locale], at.join(locale))
	}
	return !d.failed(at)
}
