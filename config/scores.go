package config

import (
	_ "embed"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/cxloop/cxloop/survey"
)

// Benchmarks are the scores of others, to lay one's own beside.
type Benchmarks struct {
	// File is the path of the file that holds them, "" without any. It is relative to the
	// configuration's folder.
	File string      `yaml:"file"`
	List []Benchmark `yaml:"-"`
}

// Benchmark is one score of others.
type Benchmark struct {
	Name   string        `yaml:"name"`
	Metric survey.Metric `yaml:"metric"`
	// Score is in points: of NPS and eNPS −100 to 100, else 0 to 100.
	Score float64 `yaml:"score"`
	// AsOf is the day that it is of, 2026-03-01.
	AsOf string `yaml:"as_of"`
	// Source is who says so and where, URL its address or "".
	Source string `yaml:"source"`
	URL    string `yaml:"url"`
	// Programs are those that it is about, all of the metric without any.
	Programs []string `yaml:"programs"`
}

// benchmarkLasts is how long a benchmark is good for.
const benchmarkLasts = 365 * day

// Stale reports whether the benchmark is of more than a year ago.
func (b Benchmark) Stale(now time.Time) bool {
	of, err := time.Parse(time.DateOnly, b.AsOf)
	return err != nil || now.Sub(of) > benchmarkLasts
}

// About reports whether the benchmark is one of a metric as all these programs measure it.
func (b Benchmark) About(metric survey.Metric, programs []string) bool {
	return b.Metric == metric && (len(b.Programs) == 0 ||
		!slices.ContainsFunc(programs, func(id string) bool { return !slices.Contains(b.Programs, id) }))
}

// Population is how the customers are spread over the values of a dimension, whoever answers.
type Population struct {
	By string `yaml:"by"`
	// Shares are in any unit, above 0.
	Shares map[string]float64 `yaml:"shares"`
}

// DimensionIDs are the dimensions that scores can be counted by: those that all scores have,
// and those that are declared.
func (c *Config) DimensionIDs() []string {
	ids := slices.Clone(knownDimensions)
	for _, one := range c.Dimensions {
		ids = append(ids, one.ID)
	}
	return ids
}

//go:embed benchmarks.schema.json
var benchmarksJSON []byte

var compiledBenchmarks = sync.OnceValue(func() *jsonschema.Schema { return compile("benchmarks.schema.json", benchmarksJSON) })

// maxBenchmarksFile is the most that the file may hold, in bytes.
const maxBenchmarksFile = 1 << 20

// decodeBenchmarks reads the file of benchmarks that the configuration names. Its mistakes
// are those of the configuration.
func (d *document) decodeBenchmarks(b *Benchmarks) {
	at := path{"benchmarks", "file"}
	if b.File == "" || d.failed(at) {
		return
	}
	name := b.File
	if !filepath.IsAbs(name) {
		name = filepath.Join(filepath.Dir(d.name), name)
	}
	f, err := os.Open(name)
	if err != nil {
		d.add(at, "cannot be read: %v", err)
		return
	}
	defer func() { _ = f.Close() }()
	body, err := io.ReadAll(io.LimitReader(f, maxBenchmarksFile+1))
	switch {
	case err != nil:
		d.add(at, "cannot be read: %v", err)
	case len(body) > maxBenchmarksFile:
		d.add(at, "%s has more than %d bytes", name, maxBenchmarksFile)
	default:
		var wrong Errors
		b.List, wrong = parseBenchmarks(name, body)
		d.errs = append(d.errs, wrong...)
	}
}

func parseBenchmarks(name string, body []byte) ([]Benchmark, Errors) {
	d := parse(name, body)
	if d.root == nil {
		return nil, d.errs
	}
	d.checkKeys(d.root, compiledBenchmarks(), nil)
	d.checkShape(compiledBenchmarks(), plain(d.root))
	var list []Benchmark
	at := path{"benchmarks"}
	d.decodeList(at, &list)
	for i, b := range list {
		d.checkScore(b.Metric, b.Score, at.join(strconv.Itoa(i), "score"))
	}
	if len(d.errs) > 0 {
		return nil, d.errs
	}
	return list, nil
}

// checkScore wants a score that a metric can have.
func (d *document) checkScore(metric survey.Metric, score float64, at path) {
	if score < 0 && metric != survey.NPS && metric != survey.ENPS {
		d.add(at, "%s goes from 0 to 100", metric)
	}
}

// checkScores reports benchmarks of programs that there are not, and populations of
// dimensions that there are not, or that are declared twice.
func (d *document) checkScores(cfg *Config) {
	if !d.failed(path{"programs"}) {
		for _, b := range cfg.Benchmarks.List {
			d.checkBenchmark(b, cfg.Programs)
		}
	}
	if d.failed(path{"dimensions"}) {
		return
	}
	first := map[string]int{}
	known := cfg.DimensionIDs()
	for i, p := range cfg.Population {
		at := path{"population", strconv.Itoa(i), "by"}
		if !slices.Contains(known, p.By) {
			d.add(at, "there is no dimension %q: known are %s", p.By, strings.Join(known, ", "))
		}
		if before, twice := first[p.By]; twice {
			d.add(at, "%q is declared already, population[%d]", p.By, before)
			continue
		}
		first[p.By] = i
		d.checkShares(path{"population", strconv.Itoa(i), "shares"}, cfg.Dimensions, p)
	}
}

// checkBenchmark reports a benchmark of programs that there are not, or that measure something
// else.
func (d *document) checkBenchmark(b Benchmark, programs []survey.Program) {
	at := path{"benchmarks", "file"}
	for _, id := range b.Programs {
		switch i := slices.IndexFunc(programs, func(p survey.Program) bool { return p.ID == id }); {
		case i < 0:
			d.add(at, "%q is about the program %s: there is none with that id", b.Name, id)
		case programs[i].Metric != b.Metric:
			d.add(at, "%q is about the program %s, which does not measure %s", b.Name, id, b.Metric)
		}
	}
}

// checkShares finds shares of values that a dimension does not count.
func (d *document) checkShares(at path, dimensions []survey.Dimension, p Population) {
	i := slices.IndexFunc(dimensions, func(dim survey.Dimension) bool { return dim.ID == p.By && len(dim.Values) > 0 })
	if i < 0 {
		return
	}
	counted := dimensions[i].Values
	for _, value := range slices.Sorted(maps.Keys(p.Shares)) {
		if value != survey.OtherValue && !slices.Contains(counted, value) {
			d.add(append(slices.Clone(at), value), "is no value of the dimension %s: those are %s, and %s", p.By, strings.Join(counted, ", "), survey.OtherValue)
		}
	}
}

func checkDate(text string) error {
	if _, err := time.Parse(time.DateOnly, text); err != nil || strings.HasPrefix(text, "0") {
		return fmt.Errorf("%q: want a day such as 2026-03-01", text)
	}
	return nil
}
