package dev.veneer.node.app;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.veneer.api.v1alpha1.ConflictChoice;
import dev.veneer.api.v1alpha1.RebaseSpec;
import dev.veneer.node.cli.CommandException;
import dev.veneer.node.cli.Outcome;
import dev.veneer.node.cli.RebaseCommand;
import dev.veneer.node.cli.StoreOptions;
import dev.veneer.node.execute.RebasePreview;
import dev.veneer.node.failure.NodeException;
import dev.veneer.node.model.DeclaredSpecs;
import dev.veneer.node.model.DesiredSliver;
import dev.veneer.node.model.Digest;
import dev.veneer.node.model.ImageRecord;
import dev.veneer.node.model.SliverId;
import dev.veneer.node.model.SliverRecord;
import dev.veneer.node.store.StoreView;
import dev.veneer.node.store.StoredSliver;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** {@code veneer rebase --dry-run}. */
public final class Rebasing implements RebaseCommand.Rebasing {
    @Override
    public ObjectNode preview(StoreOptions store, SliverId id, String to, @Nullable String onConflict)
            throws NodeException, CommandException {
        try (NodeParts node = NodeParts.openReadOnly(store.directory())) {
            SliverRecord record = Lookup.sliver(node, id);
            StoreView view = node.store().scan();
            Digest digest = digest(view, to);
            StoredSliver stored = view.slivers().get(id);
            if (digest.equals(record.baseDigest())) {
                throw new CommandException(
                        Outcome.SOME_FAILED,
                        "sliver " + id + " stands on " + record.baseName() + ", which has the same content as " + to);
            }
            DesiredSliver declared = DeclaredSpecs.sliver(id, record.canonicalSpec(), "its record");
            RebaseSpec settings = declared.rewriting().rebase();
            if (onConflict != null) {
                settings = new RebaseSpec(
                        settings.strategy(),
                        ConflictChoice.valueOf(onConflict),
                        settings.rules(),
                        settings.packageAware(),
                        settings.verify());
            }
            String json = new RebasePreview(node.calls(), node.store().layout(), node.drivers(), node.mounts())
                    .of(
                            record,
                            stored == null ? List.of(record.revision()) : stored.revisions(),
                            to,
                            digest,
                            settings,
                            declared.rewriting().pins())
                    .json();
            return Objects.parse(json);
        }
    }

    private static Digest digest(StoreView view, String name) throws CommandException {
        ImageRecord image = view.images().get(name);
        Digest digest = image == null ? null : image.digest();
        if (digest == null || !view.bases().containsKey(digest)) {
            Set<String> imported = new TreeSet<>();
            view.images().values().forEach(each -> {
                if (each.digest() != null && view.bases().containsKey(each.digest())) {
                    imported.add(each.name());
                }
            });
            throw new CommandException(
                    Outcome.SOME_FAILED,
                    "base image " + name + " is not imported in this store (imported are " + String.join(", ", imported)
                            + "); declare it and run veneer apply");
        }
        return digest;
    }
}
