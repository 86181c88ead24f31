package dev.veneer.node.tree.coupled.packages;

import dev.veneer.node.tree.Bytes;
import dev.veneer.node.tree.coupled.record.Octets;
import dev.veneer.node.tree.coupled.record.Stanza;
import dev.veneer.node.tree.coupled.record.StanzaFile;
import dev.veneer.node.tree.coupled.record.ThreeWay;
import dev.veneer.node.tree.merge.Side;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Writes the status of the merged set: each package's stanza as its side has it, with the selection of the sliver. */
final class DpkgStatus {
    private DpkgStatus() {}

    static Bytes merged(PackageChoices<Stanza> choices) {
        List<Stanza> stanzas = new ArrayList<>();
        for (PackageKey key : choices.keys()) {
            Stanza stanza = stanza(choices, key);
            if (stanza != null) {
                stanzas.add(stanza);
            }
        }
        return StanzaFile.text(stanzas);
    }

    private static @Nullable Stanza stanza(PackageChoices<Stanza> choices, PackageKey key) {
        InstalledPackage<Stanza> before = choices.table(Side.OLD_BASE).get(key);
        InstalledPackage<Stanza> base = choices.table(Side.NEW_BASE).get(key);
        InstalledPackage<Stanza> own = choices.table(Side.SLIVER).get(key);
        PackageChoices.Choice choice = choices.get(key);
        if (choice.both()) {
            return ThreeWay.baseFirst(record(before), record(base), record(own));
        }
        if (choice.side() == Side.SLIVER || base == null) {
            return choice.side() == Side.SLIVER ? record(own) : null;
        }
        boolean selected = InstalledPackage.hasFiles(base) && own != null && InstalledPackage.hasFiles(own);
        if (!selected || own == null || selection(own).equals(before == null ? Bytes.EMPTY : selection(before))) {
            return base.record();
        }
        return select(base.record(), selection(own));
    }

    private static @Nullable Stanza record(@Nullable InstalledPackage<Stanza> installed) {
        return installed == null ? null : installed.record();
    }

    /** What its owner wants: install, hold, deinstall or purge. */
    private static Bytes selection(InstalledPackage<Stanza> installed) {
        return Octets.words(installed.record().value("Status")).get(0);
    }

    private static Stanza select(Stanza stanza, Bytes selection) {
        List<Bytes> status = new ArrayList<>(Octets.words(stanza.value("Status")));
        if (status.set(0, selection).equals(selection)) {
            return stanza;
        }
        return stanza.with("Status", Octets.join(status, " "));
    }
}
