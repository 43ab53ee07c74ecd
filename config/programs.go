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
			Case:       caseRule(),
			Referral:   survey.ReferralRule{AskTiming: survey.AskTiming{Delay: survey.Span(day), AgainAfter: referralAgain}},
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
			d.caseCondition(&p, at)
			d.spreadInWindow(p, at.join("spread", "days"))
			p.Variants = d.variants(p, calendars, at.join("variants"))
			d.askTimings(&p, calendars, at)
			d.checkProgram(p, at)
			programs = append(programs, p)
		}
	}
	return programs
}

// head is what a program says besides what survey.Program keeps of it.
type head struct {
	Template  string           `yaml:"template"`
	Languages []string         `yaml:"languages"`
	Causes    *[]survey.Option `yaml:"causes"`
	Reminders *[]survey.Span   `yaml:"reminders"`
}

// program resolves one program; ok is false where its mistakes leave none.
func (d *document) program(n *yaml.Node, at path) (p survey.Program, ok bool) {
	if d.failed(at) {
		return p, false
	}
	p = newProgram()
	if survey.Kind(d.text(at.join("kind"))) == survey.Relational {
		p.Expiry, p.Spread = survey.Span(30*day), newSpread()
	}
	var head head
	if err := errors.Join(n.Decode(&head), n.Decode(&p)); err != nil {
		d.add(at, "does not fit: %s", strings.TrimPrefix(err.Error(), "yaml: "))
		return p, false
	}
	template := builtin()[head.Template]
	switch {
	case head.Template == "" && p.Metric == "":
		d.add(at.join("template"), "is required: %s or another (or a metric, with all texts your own)", strings.Join(basic, ", "))
		return p, false
	case head.Template != "" && p.Metric != "" && template.Metric != p.Metric:
		d.add(at.join("metric"), "the template %s measures %s", head.Template, template.Metric)
		return p, false
	case head.Template != "":
		p.Metric = template.Metric
	}
	if p.Kind == survey.InTheMoment && d.value(at.join("reminder")) == nil {
		p.Reminder = 0 // whoever did not answer at once has gone on
	}
	if head.Reminders != nil {
		d.reminders(&p, *head.Reminders, at)
	}
	d.resolveRespondents(&p, at)
	resolveCases(&p)
	if p.Kind == survey.Relational {
		d.completeCampaign(&p, at)
	}
	if p.Metric == survey.CSAT && p.Scale == 0 {
		p.Scale = 5
	}
	d.resolveAsks(&p, at)
	return p, d.resolveTexts(&p, template, head.Languages, at) && d.resolveQuestions(&p, template, head.Causes, at) &&
		d.resolveChecklist(&p, template, at)
}

// resolveTexts lays a program's own texts above the template's.
func (d *document) resolveTexts(p *survey.Program, template Template, languages []string, program path) (ok bool) {
	at := program.join("texts")
	p.Texts = maps.Clone(template.Texts)
	if p.Texts == nil {
		p.Texts = map[string]survey.Texts{}
	}
	for _, own := range d.languages(at) {
		base, _ := survey.Nearest(p.Texts, own.locale)
		texts := p.Texts[base]
		if err := own.words.Decode(&texts); err != nil {
			d.add(at.join(own.locale), "does not fit: %s", strings.TrimPrefix(err.Error(), "yaml: "))
			return false
		}
		p.Texts[own.locale] = texts
	}
	fillAnonymity(p)
	if d.keepLanguages(p, languages, program.join("languages")); d.failed(program.join("languages")) {
		return false
	}
	if _, found := p.Texts[survey.DefaultLocale]; !found {
		d.add(at.join(survey.DefaultLocale), "is required: every other language falls back to it")
		return false
	}
	for _, locale := range slices.Sorted(maps.Keys(p.Texts)) {
		d.checkTexts(p.Texts[locale], *p, at.join(locale))
	}
	withoutSMS(p)
	withoutAsks(p)
	completeAftercare(p)
	withoutFriends(p)
	return !d.failed(at)
}

// ownTexts are the texts of one language in a program.
type ownTexts struct {
	locale string
	words  *yaml.Node
}

// languages returns a program's own texts, each language before its variants: French of
// Canada begins with the program's own French.
func (d *document) languages(at path) []ownTexts {
	n := d.value(at)
	if n == nil || n.Kind != yaml.MappingNode {
		return nil
	}
	var all []ownTexts
	for i := 0; i+1 < len(n.Content); i += 2 {
		all = append(all, ownTexts{n.Content[i].Value, n.Content[i+1]})
	}
	slices.SortStableFunc(all, func(a, b ownTexts) int { return strings.Count(a.locale, "-") - strings.Count(b.locale, "-") })
	return all
}

// keepLanguages leaves a program the languages that it names, and their variants.
func (d *document) keepLanguages(p *survey.Program, languages []string, at path) {
	if len(languages) == 0 {
		return
	}
	for i, locale := range languages {
		if _, found := p.Texts[locale]; !found {
			d.add(at.join(strconv.Itoa(i)), "there are no texts in %q: known are %s", locale, strings.Join(slices.Sorted(maps.Keys(p.Texts)), ", "))
		}
	}
	if !slices.Contains(languages, survey.DefaultLocale) {
		d.add(at, "%s is required: every other language falls back to it", survey.DefaultLocale)
	}
	maps.DeleteFunc(p.Texts, func(locale string, _ survey.Texts) bool {
		language, _, _ := strings.Cut(locale, "-")
		return !slices.Contains(languages, locale) && !slices.Contains(languages, language)
	})
}
