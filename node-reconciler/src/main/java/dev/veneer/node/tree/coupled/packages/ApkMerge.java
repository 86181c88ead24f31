package dev.veneer.node.tree.coupled.packages;

import dev.veneer.node.failure.NodeException;
import dev.veneer.node.linux.LinuxException;
import dev.veneer.node.tree.Bytes;
import dev.veneer.node.tree.coupled.record.ClaimList;
import dev.veneer.node.tree.coupled.record.MalformedState;
import dev.veneer.node.tree.coupled.record.Octets;
import dev.veneer.node.tree.coupled.record.ThreeWay;
import dev.veneer.node.tree.merge.Side;
import dev.veneer.node.tree.merge.ThreeTrees;
import dev.veneer.node.tree.merge.Verdict;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** One merge of three databases of apk that were read. */
final class ApkMerge {
    private final ThreeTrees trees;
    private final ClaimList claims;
    private final ApkDatabase oldBase;
    private final ApkDatabase newBase;
    private final ApkDatabase sliver;
    private final PackageChoices<ApkRecord> choices;
    private ApkWorld world = new ApkWorld(Map.of());

    ApkMerge(ThreeTrees trees, ClaimList claims, ApkDatabase oldBase, ApkDatabase newBase, ApkDatabase sliver)
            throws LinuxException, NodeException, MalformedState {
        this.trees = trees;
        this.claims = claims;
        this.oldBase = oldBase;
        this.newBase = newBase;
        this.sliver = sliver;
        newBase.checkAgainst(oldBase);
        sliver.checkAgainst(oldBase);
        choices = new PackageChoices<>(oldBase.table(), newBase.table(), sliver.table(), ApkVersion::compare);
    }

    void run() throws LinuxException, NodeException, MalformedState {
        // What cannot be read is found before anything is settled.
        RelationCheck<ApkRecord> check =
                new RelationCheck<>(newBase.installed(), choices, claims, key -> List.of(), this::relations);
        WorldMerge asked = new WorldMerge(trees, claims, oldBase.world(), newBase.world(), sliver.world());
        world = asked.merged();
        check.run();
        OwnedFiles files = new OwnedFiles(trees, choices, claims, ".apk-new", SharedState::contains, path -> null);
        files.read();
        claims.write(newBase.installed(), installed(), choices.verdict(), choices.summary());
        scripts();
        triggers();
        if (!sliver.root().equals(newBase.root())) {
            gone(sliver.installed());
            gone(Octets.below(sliver.root(), ApkDatabase.TRIGGERS));
        }
        world(asked);
        files.claim();
    }

    private Relations relations(@Nullable Side side, Collection<InstalledPackage<ApkRecord>> packages)
            throws MalformedState {
        ApkWorld asked = side == null ? world : side == Side.NEW_BASE ? newBase.world() : sliver.world();
        return new ApkSet(newBase.installed(), packages, asked);
    }

    /** Each package's record as its side has it. */
    private Bytes installed() {
        List<Bytes> records = new ArrayList<>();
        for (PackageKey key : choices.keys()) {
            ApkRecord record = choices.get(key).both()
                    ? ThreeWay.baseFirst(
                            record(Side.OLD_BASE, key), record(Side.NEW_BASE, key), record(Side.SLIVER, key))
                    : record(choices.get(key).side(), key);
            if (record != null) {
                records.add(record.text());
            }
        }
        return Octets.join(records, "");
    }

    private @Nullable ApkRecord record(Side side, PackageKey key) {
        InstalledPackage<ApkRecord> installed = choices.table(side).get(key);
        return installed == null ? null : installed.record();
    }

    /** Whether what a side keeps of a package stays; of no package, nothing does. */
    private boolean comesFrom(Side side, @Nullable PackageKey key) {
        if (key == null) {
            return false;
        }
        PackageChoices.Choice choice = choices.get(key);
        return choice.both() ? side == Side.NEW_BASE : choice.side() == side;
    }

    private void scripts() throws LinuxException, NodeException {
        List<ApkScripts.Entry> merged = new ArrayList<>();
        for (ApkScripts.Entry script : newBase.scripts().entries()) {
            if (comesFrom(Side.NEW_BASE, newBase.owner(script))) {
                merged.add(script);
            }
        }
        for (ApkScripts.Entry script : sliver.scripts().entries()) {
            if (comesFrom(Side.SLIVER, sliver.owner(script))) {
                merged.add(script);
            }
        }
        Bytes path = newBase.scriptsPath();
        Bytes content = ApkScripts.text(path, merged);
        // An archive that has just these stays as it is.
        if (merged.equals(newBase.scripts().entries())) {
            content = newBase.scripts().content();
        } else if (merged.equals(sliver.scripts().entries())
                && sliver.scriptsPath().equals(path)) {
            content = sliver.scripts().content();
        }
        claims.write(path, content, choices.verdict(), merged.size() + " scripts");
        if (!sliver.scriptsPath().equals(path)) {
            gone(sliver.scriptsPath());
        }
    }

    private void triggers() throws LinuxException, NodeException {
        List<Bytes> merged = new ArrayList<>();
        for (ApkDatabase.Trigger trigger : newBase.triggers()) {
            if (comesFrom(Side.NEW_BASE, trigger.key())) {
                merged.add(trigger.line());
            }
        }
        for (ApkDatabase.Trigger trigger : sliver.triggers()) {
            if (comesFrom(Side.SLIVER, trigger.key())) {
                merged.add(trigger.line());
            }
        }
        Bytes path = Octets.below(newBase.root(), ApkDatabase.TRIGGERS);
        claims.write(path, Octets.ofLines(merged), choices.verdict(), "");
    }

    /** The new base has its database elsewhere. */
    private void gone(Bytes path) throws LinuxException, NodeException {
        if (trees.sliver().find(path) != null && trees.newBase().find(path) == null) {
            claims.absent(path, Verdict.MERGED, "the new base has it elsewhere");
        }
    }

    private void world(WorldMerge asked) throws LinuxException, NodeException, MalformedState {
        Relations merged = relations(null, choices.merged().values());
        Set<String> broken = broken(merged);
        for (Side side : List.of(Side.NEW_BASE, Side.SLIVER)) {
            broken.removeAll(
                    broken(relations(side, choices.table(side).packages().values())));
        }
        asked.write(asked.without(broken, merged));
    }

    private static Set<String> broken(Relations relations) throws MalformedState {
        Set<String> texts = new HashSet<>();
        for (Relations.Broken broken : relations.broken()) {
            if (broken.of().equals(ApkSet.OWNER)) {
                texts.add(broken.text());
            }
        }
        return texts;
    }
}
