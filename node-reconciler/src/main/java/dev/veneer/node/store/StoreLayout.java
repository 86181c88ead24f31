package dev.veneer.node.store;

import dev.veneer.node.model.BaseForm;
import dev.veneer.node.model.Digest;
import dev.veneer.node.model.ObjectRef;
import dev.veneer.node.model.SliverId;
import java.util.List;
import java.util.Locale;

/**
 * The names of all files of a store: the only class that knows them. Methods without {@code absolute} in their name
 * return paths relative to the store's root; the absolute ones are for those who get paths handed out (drivers, mounts,
 * LXC).
 */
public final class StoreLayout {
    static final String FORMAT = "format";
    static final String LOCK = "lock";
    static final String SOCKET = "agent.sock";
    static final String INDEX = "index";
    static final String NODE_STORE = "nodestore.json";
    static final String JOURNAL = "journal";
    static final String STAGING = "staging";
    static final String TRASH = "trash";
    static final String BASES = "bases";
    static final String IMAGES = "images";
    static final String SOURCES = "sources";
    static final String SLIVERS = "slivers";
    static final String ROOTFS = "rootfs";
    static final String LXC = "lxc";
    static final String SCRATCH = "scratch";
    static final String STATUS = "status";
    static final String DECLARED = "declared";
    static final String LOST_AND_FOUND = "lost+found";

    /** In a sliver's directory: its record, the file that decides. */
    static final String RECORD = "record.json";

    static final String SLIVER_STATUS = "status.json";
    /** What the last move to another base decided, path by path. */
    static final String REBASE_REPORT = "rebase.json";

    static final String REVISIONS = "revisions";

    /** In {@link #DECLARED}: when the source was heard of last. */
    static final String HEARD = "heard";

    /** In a base's directory. */
    static final String MANIFEST = "manifest";

    static final String META = "meta.json";

    /** Begins the names of files that are being written and become valid by a rename. */
    static final String UNFINISHED = ".new-";

    /** Directories at the top, in the order in which they are made. */
    static final List<String> DIRECTORIES =
            List.of(JOURNAL, STAGING, TRASH, BASES, IMAGES, SOURCES, SLIVERS, ROOTFS, LXC, SCRATCH, STATUS);

    /** Directories at the top that are made when they are needed. */
    static final List<String> FURTHER = List.of(DECLARED);

    /** Files at the top. */
    static final List<String> FILES = List.of(FORMAT, LOCK, SOCKET, INDEX, NODE_STORE);

    static final int PRIVATE = 0700;

    /** May be passed through by a mapped root on the way to its rootfs, but not listed. */
    static final int PASSABLE = 0711;

    private final String root;

    /**
     * @param root absolute path of the store, without a slash at the end
     */
    public StoreLayout(String root) {
        if (!root.startsWith("/") || (root.length() > 1 && root.endsWith("/"))) {
            throw new IllegalArgumentException("not an absolute path without a slash at the end: " + root);
        }
        this.root = root;
    }

    /** The store's root directory, absolute. */
    public String root() {
        return root;
    }

    /** What a path relative to the store is called from outside. */
    public String absolute(String relative) {
        return relative.isEmpty() ? root : root + "/" + relative;
    }

    /** The permission bits of a directory at the top. */
    static int modeOf(String directory) {
        return directory.equals(ROOTFS) || directory.equals(LXC) ? PASSABLE : PRIVATE;
    }

    /** The socket of the running agent, absolute. */
    public String absoluteSocket() {
        return absolute(SOCKET);
    }

    /** Where a sliver is mounted when it does not say, absolute. */
    public String absoluteDefaultRootfs(SliverId id) {
        return absolute(rootfs(id));
    }

    /** The directory of all default rootfs directories, absolute. */
    public String absoluteRootfsDirectory() {
        return absolute(ROOTFS);
    }

    /** LXC's directory for a sliver, absolute. */
    public String absoluteLxc(SliverId id) {
        return absolute(LXC + "/" + id.namespace() + "." + id.name());
    }

    /** What LXC gets as its {@code lxcpath}, absolute. */
    public String absoluteLxcPath() {
        return absolute(LXC);
    }

    /** A published revision of a writable store, absolute. */
    public String absoluteRevision(SliverId id, int revision) {
        return absolute(revision(id, revision));
    }

    /** A published base in one form, absolute. */
    public String absoluteForm(Digest digest, BaseForm form) {
        return absolute(form(digest, form));
    }

    /** The manifest of a published base, absolute. */
    public String absoluteManifest(Digest digest) {
        return absolute(base(digest) + "/" + MANIFEST);
    }

    /** Where probes may try things, absolute. */
    public String absoluteScratch() {
        return absolute(SCRATCH);
    }

    /** The directory of all that is kept of a sliver. */
    public String absoluteSliver(SliverId id) {
        return absolute(sliver(id));
    }

    String namespace(String namespace) {
        return SLIVERS + "/" + namespace;
    }

    String sliver(SliverId id) {
        return SLIVERS + "/" + id.namespace() + "/" + id.name();
    }

    String sliverRecord(SliverId id) {
        return sliver(id) + "/" + RECORD;
    }

    String sliverStatus(SliverId id) {
        return sliver(id) + "/" + SLIVER_STATUS;
    }

    String rebaseReport(SliverId id) {
        return sliver(id) + "/" + REBASE_REPORT;
    }

    String revisions(SliverId id) {
        return sliver(id) + "/" + REVISIONS;
    }

    String revision(SliverId id, int revision) {
        return revisions(id) + "/" + revision;
    }

    String rootfs(SliverId id) {
        return ROOTFS + "/" + id.namespace() + "/" + id.name();
    }

    String base(Digest digest) {
        return BASES + "/" + digest.hex();
    }

    String form(Digest digest, BaseForm form) {
        return base(digest) + "/" + form.fileName();
    }

    String image(String name) {
        return IMAGES + "/" + name + ".json";
    }

    String source(String id) {
        return SOURCES + "/" + id + ".json";
    }

    /** Status of an object that is not a sliver. */
    String status(ObjectRef.Kind kind, String name) {
        return STATUS + "/" + kind.name().toLowerCase(Locale.ROOT) + "." + name + ".json";
    }

    String batch(String batch) {
        return STAGING + "/" + batch;
    }

    String intents(String batch) {
        return JOURNAL + "/" + batch + ".json";
    }
}
