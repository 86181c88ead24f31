package dev.veneer.node.tree.coupled.user;

import dev.veneer.node.tree.Bytes;
import dev.veneer.node.tree.coupled.record.ClaimList;
import dev.veneer.node.tree.coupled.record.MalformedState;
import dev.veneer.node.tree.merge.Side;
import dev.veneer.node.tree.merge.Verdict;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Finds a uid or gid that the two sides gave to different names. Two names that share a number on one side already, as
 * {@code toor} and {@code root} may, are no clash. The side that loses has its name as the other side has it, which
 * mostly is not at all: a number cannot be changed, since files have it.
 */
final class NumberClashes {
    /** So many clashes are settled one by one. */
    private static final int MOST = 1000;

    private final AccountFile file;
    private final Map<Bytes, List<Bytes>> newBase;
    private final Map<Bytes, List<Bytes>> sliver;
    private final ClaimList claims;
    private final Set<Bytes> dropped = new LinkedHashSet<>();
    private final Set<Set<Bytes>> settled = new HashSet<>();

    NumberClashes(AccountFile file, Map<Bytes, List<Bytes>> newBase, Map<Bytes, List<Bytes>> sliver, ClaimList claims) {
        this.file = file;
        this.newBase = newBase;
        this.sliver = sliver;
        this.claims = claims;
    }

    /**
     * Changes the merged records until none clash.
     *
     * @return the names that are gone for it
     * @throws MalformedState when more clash than anybody settles
     */
    Set<Bytes> resolve(Map<Bytes, List<Bytes>> merged) throws MalformedState {
        Deque<Bytes> left = new ArrayDeque<>(merged.keySet());
        Map<Bytes, Sharing> byNumber = new HashMap<>();
        while (!left.isEmpty()) {
            Bytes name = left.remove();
            List<Bytes> record = merged.get(name);
            Bytes number = record == null ? null : number(record);
            if (number != null) {
                place(merged, number, name, byNumber.computeIfAbsent(number, n -> new Sharing()), left);
            }
        }
        return dropped;
    }

    /** Names of one number that only one side gave it to; those that both did clash with none. */
    private static final class Sharing {
        final Set<Bytes> base = new LinkedHashSet<>();
        final Set<Bytes> sliver = new LinkedHashSet<>();
    }

    private void place(Map<Bytes, List<Bytes>> merged, Bytes number, Bytes name, Sharing sharing, Deque<Bytes> left)
            throws MalformedState {
        boolean inBase = has(newBase, name, number);
        if (inBase == has(sliver, name, number)) {
            return;
        }
        Set<Bytes> others = inBase ? sharing.sliver : sharing.base;
        for (Bytes other : List.copyOf(others)) {
            if (!settled.add(Set.of(name, other))) {
                continue;
            }
            if (settled.size() > MOST) {
                throw new MalformedState(file.path(), "has more than " + MOST + " numbers that clash with others");
            }
            Bytes loser = settle(merged, number, inBase ? other : name, inBase ? name : other);
            if (merged.containsKey(loser)) {
                // With another number now, which may clash too.
                left.add(loser);
            }
            if (loser.equals(name)) {
                return;
            }
            others.remove(loser);
        }
        (inBase ? sharing.base : sharing.sliver).add(name);
    }

    /** Settles that the sliver and the new base gave a number to different names; returns the name that loses. */
    private Bytes settle(Map<Bytes, List<Bytes>> merged, Bytes number, Bytes own, Bytes base) {
        String kind = file == AccountFile.PASSWD ? "uid " : "gid ";
        String detail = kind + number + " is \"" + own + "\" in the sliver and \"" + base + "\" in the new base";
        Side side = claims.settledSide(
                Verdict.COUPLED, List.of(file.path(), file.shadow().path()), detail);
        Bytes loser = side == Side.NEW_BASE ? own : base;
        List<Bytes> instead = (side == Side.NEW_BASE ? newBase : sliver).get(loser);
        if (instead == null || Objects.equals(number, number(instead))) {
            merged.remove(loser);
            dropped.add(loser);
        } else {
            merged.put(loser, instead);
        }
        return loser;
    }

    private boolean has(Map<Bytes, List<Bytes>> records, Bytes name, Bytes number) {
        List<Bytes> record = records.get(name);
        return record != null && Objects.equals(number, number(record));
    }

    private @Nullable Bytes number(List<Bytes> record) {
        boolean counts = record.size() > file.number() && !record.get(0).startsWith("+");
        return counts ? record.get(file.number()) : null;
    }
}
