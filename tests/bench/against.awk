# Reads `ours|theirs figure variant value unit`, in the order of the runs; prints medians, spread and ratios.

$1 == "ours" {
  if (!($2 in runs)) order[++figures] = $2
  ours[$2, ++runs[$2]] = $4 + 0
  unit[$2] = $5
}

$1 == "theirs" {
  variant = $2 SUBSEP $3
  if (!(variant in their_runs)) variants[$2, ++count[$2]] = variant
  theirs[variant, ++their_runs[variant]] = $4 + 0
  their_unit[$2] = $5
}

# sort_into_sorted(values, key, n): the n values of a key, ascending, in `sorted`.
function sort_into_sorted(values, key, n,    i, j, value) {
  for (i = 1; i <= n; i++) {
    value = values[key, i]
    for (j = i - 1; j >= 1 && sorted[j] > value; j--) sorted[j + 1] = sorted[j]
    sorted[j + 1] = value
  }
}

function median(values, key, n) {
  sort_into_sorted(values, key, n)
  return n % 2 ? sorted[(n + 1) / 2] : (sorted[n / 2] + sorted[n / 2 + 1]) / 2
}

function print_figure(name, middle, of, n) {
  printf "%s %.6g %s %.6g %.6g %d\n", name, middle, of, sorted[1], sorted[n], n
}

# The variant with the better median: the higher one of a rate, the lower one of anything else.
function best_variant(figure,    i, variant, middle, best, best_middle, is_rate) {
  is_rate = unit[figure] ~ /\/s$/
  for (i = 1; i <= count[figure]; i++) {
    variant = variants[figure, i]
    middle = median(theirs, variant, their_runs[variant])
    if (i == 1 || (is_rate ? middle > best_middle : middle < best_middle)) {
      best = variant
      best_middle = middle
    }
  }
  return best
}

# A pair in which theirs is zero has no ratio of its own.
function print_ratio(figure, variant, ratio,    i, n) {
  for (i = 1; i <= runs[figure] && i <= their_runs[variant]; i++)
    if (theirs[variant, i]) of_pairs[figure, ++n] = ours[figure, i] / theirs[variant, i]
  sort_into_sorted(of_pairs, figure, n)
  printf "ratio_%s %.4g x %.4g %.4g\n", figure, ratio, sorted[1], sorted[n]
}

END {
  for (f = 1; f <= figures; f++) {
    figure = order[f]
    mine = median(ours, figure, runs[figure])
    print_figure(figure, mine, unit[figure], runs[figure])
    if (!count[figure]) continue
    if (unit[figure] != their_unit[figure]) {
      print "against: " figure " is in " unit[figure] " here and in " their_unit[figure] " there" > "/dev/stderr"
      exit 1
    }
    best = best_variant(figure)
    their_median = median(theirs, best, their_runs[best])
    print_figure(peer "_" figure, their_median, unit[figure], their_runs[best])
    if (their_median) print_ratio(figure, best, mine / their_median)
  }
}
