# Prints the table. Files, in this order: failed (GROUP|WHY), rows (NAME|OURS|AGAINST|LIMIT, samples apart by blanks),
# expected (GROUP|NAME). A limit is "max N", "+ N" to what it is compared with, or "x N" times of that.

function sort(list, n,    i, j, v) {
  for (i = 2; i <= n; i++) {
    v = list[i]
    for (j = i - 1; j >= 1 && list[j] > v; j--) list[j + 1] = list[j]
    list[j + 1] = v
  }
}

# The median of samples; the least and the most in "least" and "most".
function median(samples,    list, n, i) {
  n = split(samples, list, " ")
  for (i = 1; i <= n; i++) list[i] += 0
  sort(list, n)
  least = list[1]
  most = list[n]
  return n % 2 ? list[(n + 1) / 2] : (list[n / 2] + list[n / 2 + 1]) / 2
}

function number(v) { return v >= 100 ? sprintf("%.0f", v) : v >= 10 ? sprintf("%.1f", v) : sprintf("%.3f", v) }

function shown(samples,    m) {
  if (samples == "" || samples == "-") return "-"
  m = median(samples)
  return least == most ? number(m) : sprintf("%s (%s to %s)", number(m), number(least), number(most))
}

BEGIN {
  FS = "|"
  format = "%-46s %-24s %-24s %6s  %-10s %s\n"
  printf format, "what", "veneer", "against", "ratio", "limit", ""
}
FILENAME ~ /failed$/ { why[$1] = $2; next }
FILENAME ~ /rows$/ { row[$1] = $0; next }
{
  rows++
  if (!($2 in row)) {
    missed++
    printf "%-46s NOT MEASURED: %s\n", $2, ($1 in why) ? why[$1] : "its group ended before it"
    next
  }
  split(row[$2], field, "|")
  split(field[4], limit, " ")
  ours = median(field[2])
  against = field[3] == "-" ? 0 : median(field[3])
  most_allowed = limit[1] == "max" ? limit[2] : limit[1] == "+" ? against + limit[2] : against * limit[2]
  verdict = ours <= most_allowed ? "reached" : "MISSED"
  if (verdict == "MISSED") missed++
  ratio = against > 0 ? sprintf("%.2f", ours / against) : "-"
  allowed = limit[1] == "max" ? limit[2] : limit[1] " " limit[2]
  printf format, $2, shown(field[2]), shown(field[3]), ratio, allowed, verdict
}
END {
  for (group in why) if (why[group] != "") failed++
  if (missed || failed || !rows) {
    printf "%d of %d rows missed or not measured\n", missed, rows
    exit 1
  }
}
