package dev.veneer.node.execute;

import dev.veneer.api.Reason;
import dev.veneer.node.driver.BaseForms;
import dev.veneer.node.driver.BaseTree;
import dev.veneer.node.failure.Follow;
import dev.veneer.node.failure.NodeException;
import dev.veneer.node.image.ImportLimits;
import dev.veneer.node.image.ImportListener;
import dev.veneer.node.image.ImportProgress;
import dev.veneer.node.image.ImportRequest;
import dev.veneer.node.image.ImportResult;
import dev.veneer.node.linux.Fd;
import dev.veneer.node.linux.LinuxCalls;
import dev.veneer.node.linux.LinuxException;
import dev.veneer.node.model.BaseForm;
import dev.veneer.node.model.BaseRecord;
import dev.veneer.node.model.Digest;
import dev.veneer.node.model.ImageRecord;
import dev.veneer.node.model.ImageSource;
import dev.veneer.node.model.ObjectRef;
import dev.veneer.node.plan.Action;
import dev.veneer.node.store.Batch;
import dev.veneer.node.store.StagedBase;
import dev.veneer.node.store.StoreView;
import dev.veneer.node.tree.LongWork;
import dev.veneer.node.tree.SafeOpen;
import java.util.EnumSet;
import java.util.Set;
import java.util.UUID;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/** Imports base images and makes their forms. Each is a batch of its own: it is long, and another's failure is not its. */
final class ImageWork {
    private final NodeTools tools;
    private final BooleanSupplier stop;

    ImageWork(NodeTools tools, BooleanSupplier stop) {
        this.tools = tools;
        this.stop = stop;
    }

    String importImage(Action.ImportImage action, ExecutionListener listener) throws LinuxException, NodeException {
        String name = action.image().name();
        try (Batch batch = tools.store().begin()) {
            StagedBase base = batch.stageBase();
            ImportResult result = imported(action.image().source(), base, new ImportListener() {
                @Override
                public void progress(ImportProgress progress) {
                    listener.importing(action, progress);
                }

                @Override
                public boolean cancelled() {
                    return stop.getAsBoolean();
                }
            });
            Digest digest = result.digest();
            if (action.expected() != null && !action.expected().equals(digest)) {
                throw new NodeException(
                        Reason.DigestMismatch,
                        Follow.STALLED,
                        "BaseImage " + name + " was " + action.expected() + " when it was first imported, and "
                                + action.image().source().describe() + " now gives " + digest
                                + "; nothing was taken over. Give the new content a new BaseImage");
            }
            boolean known = tools.store().scanOwnChanges().bases().containsKey(digest);
            if (!known) {
                base.complete(new BaseRecord(
                        digest,
                        result.bytes(),
                        result.files(),
                        tools.clock().instant(),
                        Set.of(BaseForm.DIR),
                        null,
                        action.image().keepUnreferenced()));
            }
            batch.replace(recordOf(action.record(), digest));
            tools.store().hold(digest, "import of BaseImage " + name);
            try {
                Commits.commit(batch, ObjectRef.image(name));
            } finally {
                tools.store().released(digest);
            }
            String notices = result.notices().isEmpty() ? "" : "; " + String.join(" ", result.notices());
            return digest + ", " + result.files() + " paths, " + (result.bytes() >> 20) + " MiB"
                    + (known ? ", which was here already" : "") + notices;
        }
    }

    private ImportResult imported(ImageSource source, StagedBase base, ImportListener listener)
            throws LinuxException, NodeException {
        String staging = base.directory();
        if (!(source instanceof ImageSource.Sliver sliver)) {
            return tools.importer()
                    .run(new ImportRequest(source, staging, ImportLimits.DEFAULT, tools.secrets()), listener);
        }
        return new LongWork(stop).during(() -> importedOf(sliver, staging, listener));
    }

    private ImportResult importedOf(ImageSource.Sliver source, String staging, ImportListener listener)
            throws LinuxException, NodeException {
        LinuxCalls calls = tools.calls();
        try (SliverReading reading =
                        SliverReading.open(calls, tools.store(), tools.runtime(), tools.mounts(), source.id());
                Fd scratch = new Fd(
                        calls,
                        new SafeOpen(calls).ownDirectory(tools.store().layout().absoluteScratch()))) {
            ImportResult result = tools.importer()
                    .run(
                            new ImportRequest(
                                    source, staging, ImportLimits.DEFAULT, null, reading.view(scratch.number())),
                            listener);
            reading.requireUnchanged();
            return result;
        }
    }

    String recordImage(Action.RecordImage action) throws NodeException {
        try (Batch batch = tools.store().begin()) {
            batch.replace(recordOf(action.record(), action.record().digest()));
            Commits.commit(batch, ObjectRef.image(action.record().name()));
        }
        return "generation " + action.record().generation();
    }

    String makeForm(Action.MakeForm action) throws LinuxException, NodeException {
        StoreView view = tools.store().scanOwnChanges();
        Digest digest = action.digest();
        if (digest == null) {
            digest = digestOf(view, action.imageName());
        }
        BaseRecord record = view.bases().get(digest);
        if (record == null) {
            throw new NodeException(
                    Reason.BaseImageNotReady, Follow.RETRY, "base " + digest + " is not in the store any more");
        }
        if (record.forms().contains(action.form())) {
            return "was there";
        }
        BaseForm from = record.forms().iterator().next();
        try (Batch batch = tools.store().begin()) {
            String path = batch.stageForm(digest, action.form());
            int slash = path.lastIndexOf('/');
            new BaseForms(tools.calls())
                    .make(
                            new BaseTree(digest, from, tools.store().layout().absoluteForm(digest, from)),
                            action.form(),
                            path.substring(0, slash),
                            path.substring(slash + 1));
            batch.formComplete(digest, action.form());
            EnumSet<BaseForm> forms = EnumSet.copyOf(record.forms());
            forms.add(action.form());
            batch.replace(new BaseRecord(
                    digest,
                    record.bytes(),
                    record.files(),
                    record.importedAt(),
                    forms,
                    record.unreferencedSince(),
                    record.keepUnreferenced()));
            Commits.commit(batch, ObjectRef.base(digest));
        }
        return "from " + from.fileName();
    }

    /** The digest of a BaseImage that this plan, or an earlier one, imported. */
    static Digest digestOf(StoreView view, String image) throws NodeException {
        ImageRecord record = view.images().get(image);
        if (record == null || record.digest() == null) {
            throw new NodeException(Reason.BaseImageNotReady, Follow.RETRY, "BaseImage " + image + " is not imported");
        }
        return record.digest();
    }

    private static ImageRecord recordOf(ImageRecord record, @Nullable Digest digest) {
        return new ImageRecord(
                record.name(),
                record.uid().isEmpty() ? UUID.randomUUID().toString() : record.uid(),
                record.generation(),
                record.sourceId(),
                record.createdAt(),
                record.canonicalSpec(),
                digest);
    }
}
