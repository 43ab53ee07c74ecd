package survey

import (
	"maps"
	"slices"
	"time"

	"github.com/rickar/cal/v2"
	"github.com/rickar/cal/v2/ar"
	"github.com/rickar/cal/v2/at"
	"github.com/rickar/cal/v2/au"
	"github.com/rickar/cal/v2/be"
	"github.com/rickar/cal/v2/bg"
	"github.com/rickar/cal/v2/br"
	"github.com/rickar/cal/v2/ca"
	"github.com/rickar/cal/v2/ch"
	"github.com/rickar/cal/v2/cz"
	"github.com/rickar/cal/v2/de"
	"github.com/rickar/cal/v2/dk"
	"github.com/rickar/cal/v2/es"
	"github.com/rickar/cal/v2/fr"
	"github.com/rickar/cal/v2/gb"
	"github.com/rickar/cal/v2/gr"
	"github.com/rickar/cal/v2/hr"
	"github.com/rickar/cal/v2/ie"
	"github.com/rickar/cal/v2/it"
	"github.com/rickar/cal/v2/jp"
	"github.com/rickar/cal/v2/lt"
	"github.com/rickar/cal/v2/lv"
	"github.com/rickar/cal/v2/nl"
	"github.com/rickar/cal/v2/no"
	"github.com/rickar/cal/v2/nz"
	"github.com/rickar/cal/v2/pl"
	"github.com/rickar/cal/v2/ro"
	"github.com/rickar/cal/v2/se"
	"github.com/rickar/cal/v2/si"
	"github.com/rickar/cal/v2/sk"
	"github.com/rickar/cal/v2/ua"
	"github.com/rickar/cal/v2/us"
	"github.com/rickar/cal/v2/za"
)

// publicHolidays are the lists by ISO 3166 codes, in small letters. Of Australia and
// Germany the states have lists of their own.
var publicHolidays = map[string]*cal.Calendar{
	"ar": list(ar.Holidays), "at": list(at.Holidays), "be": list(be.Holidays), "bg": list(bg.Holidays), "br": list(br.Holidays),
	"ca": list(ca.Holidays), "ch": list(ch.Holidays), "cz": list(cz.Holidays), "de": list(de.Holidays), "dk": list(dk.Holidays),
	"es": list(es.Holidays), "fr": list(fr.Holidays), "gb": list(gb.Holidays), "gr": list(gr.Holidays), "hr": list(hr.Holidays),
	"ie": list(ie.Holidays), "it": list(it.Holidays), "jp": list(jp.Holidays), "lt": list(lt.Holidays), "lv": list(lv.Holidays),
	"nl": list(nl.Holidays), "no": list(no.Holidays), "nz": list(nz.Holidays), "pl": list(pl.Holidays), "ro": list(ro.Holidays),
	"se": list(se.Holidays), "si": list(si.Holidays), "sk": list(sk.Holidays), "ua": list(ua.Holidays), "us": list(us.Holidays),
	"za": list(za.Holidays),

	"au-act": list(au.HolidaysACT), "au-nsw": list(au.HolidaysNSW), "au-nt": list(au.HolidaysNT), "au-qld": list(au.HolidaysQLD),
	"au-sa": list(au.HolidaysSA), "au-tas": list(au.HolidaysTAS), "au-vic": list(au.HolidaysVIC), "au-wa": list(au.HolidaysWA),

	"de-bw": list(de.HolidaysBW), "de-by": list(de.HolidaysBY), "de-be": list(de.HolidaysBE), "de-bb": list(de.HolidaysBB),
	"de-hb": list(de.HolidaysHB), "de-hh": list(de.HolidaysHH), "de-he": list(de.HolidaysHE), "de-mv": list(de.HolidaysMV),
	"de-ni": list(de.HolidaysNI), "de-nw": list(de.HolidaysNW), "de-rp": list(de.HolidaysRP), "de-sl": list(de.HolidaysSL),
	"de-sn": list(de.HolidaysSN), "de-st": list(de.HolidaysST), "de-sh": list(de.HolidaysSH), "de-th": list(de.HolidaysTH),
}

func list(holidays []*cal.Holiday) *cal.Calendar { return &cal.Calendar{Holidays: holidays} }

// HolidayLists are the countries and states whose public holidays are known, sorted:
// ISO 3166 codes in small letters, such as fr and de-by.
func HolidayLists() []string { return slices.Sorted(maps.Keys(publicHolidays)) }

// isPublicHoliday reports whether the day of t is a holiday, or is off for one that
// falls on a weekend.
func isPublicHoliday(country string, t time.Time) bool {
	known := publicHolidays[country]
	if known == nil {
		return false
	}
	actual, observed, _ := known.IsHoliday(t)
	return actual || observed
}
