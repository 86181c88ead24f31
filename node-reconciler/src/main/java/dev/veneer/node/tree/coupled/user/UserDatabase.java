package dev.veneer.node.tree.coupled.user;

import dev.veneer.node.failure.NodeException;
import dev.veneer.node.linux.LinuxException;
import dev.veneer.node.tree.Bytes;
import dev.veneer.node.tree.coupled.Claims;
import dev.veneer.node.tree.coupled.CoupledState;
import dev.veneer.node.tree.coupled.record.ClaimList;
import dev.veneer.node.tree.coupled.record.Difference;
import dev.veneer.node.tree.coupled.record.MalformedState;
import dev.veneer.node.tree.coupled.record.Octets;
import dev.veneer.node.tree.merge.MergeTree;
import dev.veneer.node.tree.merge.Resolver;
import dev.veneer.node.tree.merge.ThreeTrees;
import dev.veneer.node.tree.merge.Verdict;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Merges {@code passwd}, {@code shadow}, {@code group} and {@code gshadow} by record, and looks at them together. */
public final class UserDatabase implements CoupledState {
    private static final List<Bytes> PATHS =
            List.of(AccountFile.values()).stream().map(AccountFile::path).toList();

    @Override
    public String name() {
        return "users";
    }

    @Override
    public Claims claim(ThreeTrees trees, Resolver resolver) throws LinuxException, NodeException {
        ClaimList claims = new ClaimList(trees, resolver);
        if (Difference.bothChanged(trees, PATHS)) {
            try {
                new Merging(trees, claims).run();
            } catch (MalformedState e) {
                claims.whole(PATHS, Verdict.COUPLED, "users: " + e.getMessage());
            }
        }
        return claims.done();
    }

    /** A file's records in the three trees and merged. */
    private record Tables(
            Map<Bytes, List<Bytes>> newBase,
            Map<Bytes, List<Bytes>> sliver,
            Map<Bytes, List<Bytes>> merged,
            AccountMerge merge) {}

    private static final class Merging {
        private final ThreeTrees trees;
        private final ClaimList claims;
        private final Map<AccountFile, Tables> all = new EnumMap<>(AccountFile.class);
        private boolean clashed;

        Merging(ThreeTrees trees, ClaimList claims) {
            this.trees = trees;
            this.claims = claims;
        }

        void run() throws LinuxException, NodeException, MalformedState {
            // All are read before anything is settled: what does not parse is one conflict and no other.
            List<Map<Bytes, List<Bytes>>> read = new ArrayList<>();
            List<AccountFile> files = new ArrayList<>();
            for (AccountFile file : AccountFile.values()) {
                Map<Bytes, List<Bytes>> before = readOrEmpty(file, trees.oldBase());
                Map<Bytes, List<Bytes>> base = file.read(trees.newBase());
                Map<Bytes, List<Bytes>> own = file.read(trees.sliver());
                if (base != null && own != null) {
                    files.add(file);
                    read.addAll(List.of(before, base, own));
                }
            }
            for (int i = 0; i < files.size(); i++) {
                AccountMerge merge = new AccountMerge(files.get(i), claims);
                Map<Bytes, List<Bytes>> base = read.get(3 * i + 1);
                Map<Bytes, List<Bytes>> own = read.get(3 * i + 2);
                Map<Bytes, List<Bytes>> merged = merge.merge(read.get(3 * i), base, own);
                all.put(files.get(i), new Tables(base, own, merged, merge));
            }
            together(AccountFile.PASSWD);
            together(AccountFile.GROUP);
            for (Map.Entry<AccountFile, Tables> entry : all.entrySet()) {
                Tables tables = entry.getValue();
                Verdict found = clashed ? Verdict.COUPLED : tables.merge.verdict();
                claims.write(entry.getKey().path(), AccountFile.text(tables.merged.values()), found, detail(tables));
            }
        }

        private static Map<Bytes, List<Bytes>> readOrEmpty(AccountFile file, MergeTree tree)
                throws LinuxException, NodeException, MalformedState {
            Map<Bytes, List<Bytes>> records = file.read(tree);
            return records == null ? Map.of() : records;
        }

        /** A name that is gone is gone from the shadow too, and from the groups. */
        private void together(AccountFile file) throws MalformedState {
            Tables tables = all.get(file);
            if (tables == null) {
                return;
            }
            Set<Bytes> dropped = new NumberClashes(file, tables.newBase, tables.sliver, claims).resolve(tables.merged);
            clashed |= !dropped.isEmpty();
            Tables shadow = all.get(file.shadow());
            if (shadow != null) {
                shadow.merged
                        .keySet()
                        .removeIf(name -> !tables.merged.containsKey(name)
                                && (tables.newBase.containsKey(name) || tables.sliver.containsKey(name)));
            }
            if (file == AccountFile.PASSWD && !dropped.isEmpty()) {
                removeMembers(all.get(AccountFile.GROUP), AccountFile.GROUP, dropped);
                removeMembers(all.get(AccountFile.GSHADOW), AccountFile.GSHADOW, dropped);
            }
        }

        private static void removeMembers(@Nullable Tables tables, AccountFile file, Set<Bytes> dropped) {
            if (tables == null) {
                return;
            }
            tables.merged.replaceAll((name, record) -> {
                List<Bytes> without = new ArrayList<>();
                for (int i = 0; i < record.size(); i++) {
                    List<Bytes> members = new ArrayList<>(AccountMerge.list(record.get(i)));
                    boolean fewer = file.isSet(i) && members.removeAll(dropped);
                    without.add(fewer ? Octets.join(members, ",") : record.get(i));
                }
                return without;
            });
        }

        private static String detail(Tables tables) {
            long own = tables.merged.keySet().stream()
                    .filter(name -> !tables.newBase.containsKey(name))
                    .count();
            return own + " records of the sliver alone, " + (tables.merged.size() - own) + " others";
        }
    }
}
