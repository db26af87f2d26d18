#!/bin/sh
# Which of two models is cheaper, in one sentence, where prediction intervals decide it:
#   irene-predict --interval 0.9 trees.jsonl - model | irene-summarize --format csv | sh verdict.sh '90 %'
# Runs of the same batch size and length are compared. The ratio of two energies lies between the one's low by the other's
# high and its high by the other's low; only where all such ranges lie on one side of 1 is the answer decided.
exec awk -F, -v level="${1-their}" '
    function fail(message) {
        print "verdict.sh: " message > "/dev/stderr"
        failed = 1
        exit 65
    }
    NR == 1 {
        for (i = 1; i <= NF; ++i) column[$i] = i
        if (!("model_name" in column && "batch_size" in column && "seq_len" in column))
            fail("expected the rows of irene-summarize --format csv")
        if (!("low J/tree" in column && "high J/tree" in column))
            fail("no intervals: irene-predict --interval gives them")
        next
    }
    /"/ { fail("a name with a comma, a quote or a line end; call it otherwise") }
    {
        name = $column["model_name"]
        if (!(name in seen)) models[++num_models] = name
        seen[name] = 1
        run = $column["batch_size"] "," $column["seq_len"]
        if (!(run in is_run)) runs[++num_runs] = run
        is_run[run] = 1
        low[name, run] = $column["low J/tree"]
        high[name, run] = $column["high J/tree"]
    }
    END {
        if (failed) exit 65
        if (num_models != 2) fail("expected two models, found " num_models + 0)
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
