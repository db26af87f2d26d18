#!/bin/sh
# Which of some models is cheapest, where prediction intervals decide it:
#   irene-predict --interval 0.9 trees.jsonl - model | irene-summarize --format csv | sh verdict.sh '90 %'
# Runs that differ in nothing but the model are compared. The ratio of two energies lies between the one's low by the other's
# high and its high by the other's low. Of two models there is one sentence; only where all such ranges lie on one side of 1 is
# the answer decided. Of more there is a list for each run, by the token that is generated or else by the sequence.
exec awk -F, -v level="${1-their}" '
    function fail(message) {
        print "verdict.sh: " message > "/dev/stderr"
        failed = 1
        exit 65
    }
    # The models of a run, the cheapest first, and which of them may be the cheapest.
    function rank(run, i, j, n, order, best, bound, rivals, num_rivals) {
        n = 0
        for (i = 1; i <= num_models; ++i) if ((models[i], run) in joules) {
            for (j = ++n; j > 1 && joules[order[j - 1], run] > joules[models[i], run]; --j) order[j] = order[j - 1]
            order[j] = models[i]
        }
        printf "%s\n", run
        bound = high[order[1], run]
        for (i = 1; i <= n; ++i) {
            if (!(low[order[i], run] > 0 && high[order[i], run] > 0)) fail(order[i] " has no interval above 0 J")
            printf "    %-*s  %.4g %s (%.4g to %.4g)%s\n", width, order[i], joules[order[i], run] * share[order[i], run],
                unit[run], low[order[i], run] * share[order[i], run], high[order[i], run] * share[order[i], run],
                rate[order[i], run] == "" ? "" : sprintf(", %.0f tokens/s", rate[order[i], run])
            if (high[order[i], run] < bound) bound = high[order[i], run]
        }
        rivals = ""
        num_rivals = 0
        for (i = 1; i <= n; ++i) if (low[order[i], run] <= bound) {
            rivals = rivals (num_rivals++ ? " or " : "") order[i]
        }
        if (num_rivals == 1) printf "Verdict: %s is the cheapest, by %s intervals.\n", order[1], level
        else printf "Verdict: not decided: %s may be the cheapest, by %s intervals.\n", rivals, level
    }
    NR == 1 {
        for (i = 1; i <= NF; ++i) column[title[i] = $i] = i
        if (!("model_name" in column && "batch_size" in column && "seq_len" in column))
            fail("expected the rows of irene-summarize --format csv")
        if (!("trees" in column)) fail("expected the rows of runs")
        if (!("low J/tree" in column && "high J/tree" in column))
            fail("no intervals: irene-predict --interval gives them")
        next
    }
    /"/ { fail("a name with a comma, a quote or a line end; call it otherwise") }
    {
        name = $column["model_name"]
        if (!(name in seen)) models[++num_models] = name
        if (length(name) > width) width = length(name)
        seen[name] = 1
        run = ""
        for (i = 1; i < column["trees"]; ++i)
            if (i != column["model_name"]) run = run (run == "" ? "" : ", ") title[i] " " $i
        if (!(run in is_run)) runs[++num_runs] = run
        is_run[run] = 1
        low[name, run] = $column["low J/tree"]
        high[name, run] = $column["high J/tree"]
        joules[name, run] = $column["J/tree"]
        per = "J/new token" in column && $column["J/new token"] != "" ? "J/new token" : "J/sample"
        unit[run] = per
        share[name, run] = $column[per] / $column["J/tree"]
        rate[name, run] = "new tokens/s" in column ? $column["new tokens/s"] : ""
    }
    END {
        if (failed) exit 65
        if (num_models > 2) {
            for (i = 1; i <= num_runs; ++i) rank(runs[i])
            exit
        }
        if (num_models != 2) fail("expected two models or more, found " num_models + 0)
        # By name, so that the sentence does not depend on the order of the rows.
        a = models[1] "" < models[2] "" ? 1 : 2
        first = models[a]
        second = models[3 - a]
        for (i = 1; i <= num_runs; ++i) {
            run = runs[i]
            if (!((first, run) in low && (second, run) in low)) continue
            if (!(low[first, run] > 0 && low[second, run] > 0)) fail("a run has no interval above 0 J")
            from = low[first, run] / high[second, run]
            to = high[first, run] / low[second, run]
            if (++num_pairs == 1 || from < least) least = from
            if (num_pairs == 1 || to > most) most = to
        }
        if (!num_pairs) fail("the two models have no batch size and length in common")
        by = (num_pairs == 1 ? "" : ", over " num_pairs " runs") ", by " level " intervals"
        if (most < 1) {
            printf "Verdict: %s is cheaper: it costs %.2f to %.2f times what %s costs%s.\n", first, least, most, second, by
        } else if (least > 1) {
            printf "Verdict: %s is cheaper: it costs %.2f to %.2f times what %s costs%s.\n", second, 1 / most, 1 / least, first, by
        } else {
            printf "Verdict: not decided: %s costs %.2f to %.2f times what %s costs%s; either may be cheaper.\n",
                first, least, most, second, by
        }
    }'
