package dev.veneer.node.tree.coupled.user;

import dev.veneer.node.tree.Bytes;
import dev.veneer.node.tree.coupled.record.ClaimList;
import dev.veneer.node.tree.coupled.record.Octets;
import dev.veneer.node.tree.coupled.record.ThreeWay;
import dev.veneer.node.tree.merge.Side;
import dev.veneer.node.tree.merge.Verdict;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Merges one file of accounts by record, and a record that both sides changed by field. */
final class AccountMerge {
    private final AccountFile file;
    private final ClaimList claims;
    private Verdict verdict = Verdict.MERGED;

    AccountMerge(AccountFile file, ClaimList claims) {
        this.file = file;
        this.claims = claims;
    }

    Map<Bytes, List<Bytes>> merge(
            Map<Bytes, List<Bytes>> oldBase, Map<Bytes, List<Bytes>> newBase, Map<Bytes, List<Bytes>> sliver) {
        return ThreeWay.table(oldBase, newBase, sliver, this::record);
    }

    /** The gravest that was found. */
    Verdict verdict() {
        return verdict;
    }

    private @Nullable List<Bytes> record(
            Bytes name, @Nullable List<Bytes> oldBase, @Nullable List<Bytes> newBase, @Nullable List<Bytes> sliver) {
        if (newBase == null || sliver == null) {
            if (file.number() < 0) {
                // Whether the account is there at all is decided where it has its number.
                return newBase == null ? sliver : newBase;
            }
            return settle(
                    newBase == null ? Verdict.DELETED_IN_BASE : Verdict.DELETED_IN_SLIVER,
                    name,
                    "deleted on one side, changed on the other",
                    newBase,
                    sliver);
        }
        if (newBase.size() != sliver.size() || (oldBase != null && oldBase.size() != sliver.size())) {
            return settle(kind(oldBase), name, "differs", newBase, sliver);
        }
        List<Bytes> merged = new ArrayList<>();
        for (int i = 0; i < sliver.size(); i++) {
            Bytes before = oldBase == null ? null : oldBase.get(i);
            Bytes base = newBase.get(i);
            Bytes own = sliver.get(i);
            if (!ThreeWay.conflicts(before, base, own)) {
                merged.add(before != null && before.equals(own) ? base : own);
            } else if (file.isSet(i)) {
                merged.add(names(before == null ? Bytes.EMPTY : before, base, own));
            } else if (file == AccountFile.SHADOW && i == AccountFile.PASSWORD_DAY) {
                merged.add(passwordDay(oldBase, newBase, sliver));
            } else {
                String detail = "field " + (i + 1);
                if (i == file.number()) {
                    detail = "number " + own + " in the sliver, " + base + " in the new base";
                }
                return settle(kind(oldBase), name, detail, newBase, sliver);
            }
        }
        return merged;
    }

    private static Verdict kind(@Nullable List<Bytes> oldBase) {
        return oldBase == null ? Verdict.BOTH_ADDED : Verdict.BOTH_CHANGED;
    }

    private @Nullable List<Bytes> settle(
            Verdict kind, Bytes name, String detail, @Nullable List<Bytes> newBase, @Nullable List<Bytes> sliver) {
        verdict = kind;
        Side side = claims.settledSide(kind, List.of(file.path()), file.noun() + " " + name + ": " + detail);
        return side == Side.NEW_BASE ? newBase : sliver;
    }

    private static Bytes names(Bytes oldBase, Bytes newBase, Bytes sliver) {
        return Octets.join(ThreeWay.set(list(oldBase), list(newBase), list(sliver)), ",");
    }

    static List<Bytes> list(Bytes names) {
        return names.isEmpty() ? List.of() : Octets.split(names, ',');
    }

    /** Every build of an image sets it anew: it goes with the password, and is the later where that is the same. */
    private static Bytes passwordDay(@Nullable List<Bytes> oldBase, List<Bytes> newBase, List<Bytes> sliver) {
        int password = AccountFile.PASSWORD;
        int day = AccountFile.PASSWORD_DAY;
        if (!newBase.get(password).equals(sliver.get(password))) {
            boolean own = oldBase != null && oldBase.get(password).equals(newBase.get(password));
            return own ? sliver.get(day) : newBase.get(day);
        }
        return later(newBase.get(day), sliver.get(day)) ? newBase.get(day) : sliver.get(day);
    }

    private static boolean later(Bytes a, Bytes b) {
        return a.length() != b.length() ? a.length() > b.length() : a.compareTo(b) > 0;
    }
}
