package dev.veneer.node.tree.coupled.packages;

import dev.veneer.node.failure.NodeException;
import dev.veneer.node.linux.LinuxException;
import dev.veneer.node.tree.Bytes;
import dev.veneer.node.tree.coupled.Claims;
import dev.veneer.node.tree.coupled.CoupledState;
import dev.veneer.node.tree.coupled.record.ClaimList;
import dev.veneer.node.tree.coupled.record.Difference;
import dev.veneer.node.tree.coupled.record.MalformedState;
import dev.veneer.node.tree.coupled.record.Octets;
import dev.veneer.node.tree.coupled.record.Stanza;
import dev.veneer.node.tree.coupled.record.StanzaFile;
import dev.veneer.node.tree.coupled.record.ThreeWay;
import dev.veneer.node.tree.merge.Resolver;
import dev.veneer.node.tree.merge.Side;
import dev.veneer.node.tree.merge.ThreeTrees;
import dev.veneer.node.tree.merge.Verdict;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Merges debconf's questions, passwords and templates by name. Who owns a question and its flags are sets; an answer that
 * both sides gave differently is a conflict; a template that both have anew is the new base's.
 */
public final class Debconf implements CoupledState {
    private static final List<Bytes> ANSWERS =
            List.of(Bytes.utf8("var/cache/debconf/config.dat"), Bytes.utf8("var/cache/debconf/passwords.dat"));
    private static final Bytes TEMPLATES = Bytes.utf8("var/cache/debconf/templates.dat");
    private static final Set<String> SETS = Set.of("owners", "flags");

    @Override
    public String name() {
        return "debconf";
    }

    @Override
    public Claims claim(ThreeTrees trees, Resolver resolver) throws LinuxException, NodeException {
        ClaimList claims = new ClaimList(trees, resolver);
        List<Bytes> paths = new ArrayList<>(ANSWERS);
        paths.add(TEMPLATES);
        for (Bytes path : paths) {
            boolean both = trees.newBase().find(path) != null && trees.sliver().find(path) != null;
            if (both && Difference.bothChanged(trees, List.of(path))) {
                try {
                    merge(trees, path, claims);
                } catch (MalformedState e) {
                    claims.whole(List.of(path), Verdict.COUPLED, "debconf: " + e.getMessage());
                }
            }
        }
        return claims.done();
    }

    private static void merge(ThreeTrees trees, Bytes path, ClaimList claims)
            throws LinuxException, NodeException, MalformedState {
        StanzaFile.Key<Bytes> key = StanzaFile.by("Name");
        Map<Bytes, Stanza> oldBase = StanzaFile.read(trees.oldBase(), path, key);
        Map<Bytes, Stanza> newBase = StanzaFile.read(trees.newBase(), path, key);
        Map<Bytes, Stanza> sliver = StanzaFile.read(trees.sliver(), path, key);
        boolean[] settled = new boolean[1];
        Map<Bytes, Stanza> merged = ThreeWay.table(oldBase, newBase, sliver, (name, o, n, m) -> {
            if (n == null || m == null) {
                // Its package was purged on one side, and on the other only registered anew.
                return null;
            }
            Stanza before = o == null ? new Stanza(List.of()) : o;
            if (!path.equals(TEMPLATES) && ThreeWay.conflicts(before.get("Value"), n.get("Value"), m.get("Value"))) {
                settled[0] = true;
                Verdict kind = o == null ? Verdict.BOTH_ADDED : Verdict.BOTH_CHANGED;
                Side side = claims.settledSide(kind, List.of(path), "question " + name + " has two answers");
                return side == Side.NEW_BASE ? n : m;
            }
            return fields(before, n, m, path.equals(TEMPLATES));
        });
        Verdict verdict = settled[0] ? Verdict.BOTH_CHANGED : Verdict.MERGED;
        claims.write(path, StanzaFile.text(merged.values()), verdict, merged.size() + " records");
    }

    private static Stanza fields(Stanza before, Stanza base, Stanza own, boolean baseFirst) {
        Set<String> names = new LinkedHashSet<>();
        base.fields().forEach(field -> names.add(Octets.ascii(field.name())));
        own.fields().forEach(field -> names.add(Octets.ascii(field.name())));
        List<Stanza.Field> merged = new ArrayList<>();
        for (String name : names) {
            Bytes o = raw(before, name);
            Bytes n = raw(base, name);
            Bytes m = raw(own, name);
            Bytes value = baseFirst ? ThreeWay.baseFirst(o, n, m) : ThreeWay.sliverFirst(o, n, m);
            if (SETS.contains(name.toLowerCase(Locale.ROOT)) && ThreeWay.conflicts(o, n, m)) {
                List<Bytes> set = ThreeWay.set(list(o), list(n), list(m));
                value = set.isEmpty() ? null : Octets.concat(Octets.of(" "), Octets.join(set, ", "));
            }
            if (value != null) {
                merged.add(new Stanza.Field(Octets.of(name), value));
            }
        }
        return new Stanza(merged);
    }

    private static @Nullable Bytes raw(Stanza stanza, String name) {
        for (Stanza.Field field : stanza.fields()) {
            if (Octets.ascii(field.name()).equals(name)) {
                return field.value();
            }
        }
        return null;
    }

    private static List<Bytes> list(@Nullable Bytes names) {
        return names == null
                ? List.of()
                : Octets.split(names, ',').stream()
                        .map(Octets::strip)
                        .filter(name -> !name.isEmpty())
                        .toList();
    }
}
