package dev.veneer.node.tree.coupled.user;

import dev.veneer.node.tree.Bytes;
import dev.veneer.node.tree.coupled.record.ClaimList;
import dev.veneer.node.tree.merge.Side;
import dev.veneer.node.tree.merge.Verdict;
import java.util.ArrayList;
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
     */
    Set<Bytes> resolve(Map<Bytes, List<Bytes>> merged) {
        // Each pair is settled once, so this ends.
        while (resolveOne(merged)) {}
        return dropped;
    }

    private boolean resolveOne(Map<Bytes, List<Bytes>> merged) {
        Map<Bytes, List<Bytes>> byNumber = new HashMap<>();
        for (Map.Entry<Bytes, List<Bytes>> entry : List.copyOf(merged.entrySet())) {
            Bytes number = number(entry.getValue());
            if (number == null) {
                continue;
            }
            List<Bytes> names = byNumber.computeIfAbsent(number, n -> new ArrayList<>());
            for (Bytes other : names) {
                if (clash(number, other, entry.getKey()) && settled.add(Set.of(other, entry.getKey()))) {
                    settle(merged, number, other, entry.getKey());
                    return true;
                }
            }
            names.add(entry.getKey());
        }
        return false;
    }

    private boolean clash(Bytes number, Bytes a, Bytes b) {
        boolean inBase = has(newBase, a, number) && has(newBase, b, number);
        boolean inSliver = has(sliver, a, number) && has(sliver, b, number);
        return !inBase && !inSliver;
    }

    private void settle(Map<Bytes, List<Bytes>> merged, Bytes number, Bytes a, Bytes b) {
        boolean aIsOwn = has(sliver, a, number);
        Bytes own = aIsOwn ? a : b;
        Bytes base = aIsOwn ? b : a;
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
