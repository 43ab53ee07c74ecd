// Package spelling finds the name that was meant.
package spelling

// Nearest returns the name that was probably meant, or "": at most a third of its
// letters differ, and no more than three.
func Nearest(name string, known []string) string {
	best, least := "", min(len(name)/3, 3)+1
	for _, candidate := range known {
		if max(len(name), len(candidate))-min(len(name), len(candidate)) >= least {
			continue
		}
		if n := distance(name, candidate); n < least {
			best, least = candidate, n
		}
	}
	return best
}

// distance counts the letters to insert, delete, replace or swap with the next
// (optimal string alignment).
func distance(a, b string) int {
	rows := make([][]int, len(a)+1)
	for i := range rows {
		rows[i] = make([]int, len(b)+1)
		rows[i][0] = i
	}
	for j := range rows[0] {
		rows[0][j] = j
	}
	for i := 1; i <= len(a); i++ {
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			rows[i][j] = min(rows[i-1][j]+1, rows[i][j-1]+1, rows[i-1][j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				rows[i][j] = min(rows[i][j], rows[i-2][j-2]+1)
			}
		}
	}
	return rows[len(a)][len(b)]
}
