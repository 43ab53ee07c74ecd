package config

import (
	"maps"
	"math"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/cxloop/cxloop/survey"
)

// maxVariants is the most that are tried at once: with more, each has few answers and
// the test has to be strict.
const maxVariants = 5

// variants completes the variants of a program that is complete itself.
func (d *document) variants(p survey.Program, calendars []survey.Calendar, at path) []survey.Variant {
	list := d.value(at)
	if list == nil || list.Kind != yaml.SequenceNode || d.failed(at) {
		return nil
	}
	d.checkIDs(at)
	if n := len(list.Content); n < 2 || n > maxVariants {
		d.add(at, "want 2 to %d variants to try against each other, got %d", maxVariants, n)
		return nil
	}
	var all []survey.Variant
	for i, n := range list.Content {
		here := at.join(strconv.Itoa(i))
		v := survey.Variant{Delay: p.Delay, Window: p.Window}
		if err := n.Decode(&v); err != nil {
			d.add(here, "does not fit: %s", strings.TrimPrefix(err.Error(), "yaml: "))
			return nil
		}
		if d.text(here.join("window")) != "" {
			v.Window, _ = d.window(here.join("window"), calendars)
		}
		v.Texts = d.variantTexts(p, here.join("texts"))
		all = append(all, v)
	}
	if !d.failed(at) {
		d.checkVariants(p, all, at)
	}
	return all
}

// variantTexts lays a variant's own texts above the program's, in all its languages.
func (d *document) variantTexts(p survey.Program, at path) map[string]survey.Texts {
	texts := maps.Clone(p.Texts)
	own := d.languages(at)
	changed := map[string][]string{} // the languages of each text
	for _, o := range own {
		if _, found := p.Texts[o.locale]; !found {
			d.addAtKey(at.join(o.locale), "the program has no texts in %q: known are %s", o.locale, strings.Join(slices.Sorted(maps.Keys(p.Texts)), ", "))
			return texts
		}
		for locale, t := range texts {
			if _, serves := survey.Nearest(map[string]bool{o.locale: true}, locale); !serves {
				continue
			}
			if err := o.words.Decode(&t); err != nil {
				d.add(at.join(o.locale), "does not fit: %s", strings.TrimPrefix(err.Error(), "yaml: "))
				return texts
			}
			texts[locale] = t
			for i := 0; i+1 < len(o.words.Content); i += 2 {
				name := o.words.Content[i].Value
				changed[name] = append(changed[name], locale)
			}
		}
	}
	for _, o := range own {
		d.checkTexts(texts[o.locale], p, at.join(o.locale))
	}
	d.checkChanged(p, changed, at)
	return texts
}

// checkChanged wants a text that a variant changes in every language: who reads
// another one would be counted for it without having seen it.
func (d *document) checkChanged(p survey.Program, changed map[string][]string, at path) {
	for _, name := range slices.Sorted(maps.Keys(changed)) {
		missing := slices.DeleteFunc(slices.Sorted(maps.Keys(p.Texts)), func(locale string) bool {
			return slices.Contains(changed[name], locale)
		})
		if len(missing) > 0 {
			d.addAtKey(at, "%s is missing in %s: want it in all languages of the program, or fewer languages", name, strings.Join(missing, ", "))
			return
		}
	}
}

// checkVariants looks for variants that could not be told apart.
func (d *document) checkVariants(p survey.Program, all []survey.Variant, at path) {
	var sum float64
	for i, v := range all {
		sum += v.Share
		if p.Kind == survey.InTheMoment && (v.Delay != 0 || v.Window != nil) {
			d.add(at.join(strconv.Itoa(i)), "a program in the moment asks at once: want no delay and no window")
		}
		for before, other := range all[:i] {
			other.ID, other.Share = v.ID, v.Share
			if reflect.DeepEqual(v, other) {
				d.add(at.join(strconv.Itoa(i)), "asks as %s[%d] does: want another text, delay or window", at, before)
			}
		}
	}
	if math.Abs(sum-1) > 1e-9 {
		d.add(at, "the shares sum to %s: want 1", strconv.FormatFloat(sum, 'g', 6, 64))
	}
}
