package dev.veneer.node.tree;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/**
 * Which extended attributes belong to a tree's identity. What comes from elsewhere is judged when it is imported; what is
 * in a sliver is its owner's ({@link #isOwners}).
 *
 * <p>Of an import is kept: {@code user.*}, access control lists, and file capabilities. Refused: what an overlay file system would take
 * for its own bookkeeping, since such an attribute becomes alive as soon as the tree is mounted as a layer. Everything
 * else (labels of the machine it was made on, other tools' private names, names that only a file system shows) is
 * dropped and counted.
 */
public final class XattrPolicy {
    /** What is done with an attribute. */
    public enum Verdict {
        KEEP,
        DROP,
        REFUSE
    }

    /** The capabilities of an executable file. */
    public static final Bytes CAPABILITY = Bytes.utf8("security.capability");

    /** The access control list of a file. */
    public static final Bytes ACL_ACCESS = Bytes.utf8("system.posix_acl_access");

    /** The access control list that new files in a directory get. */
    public static final Bytes ACL_DEFAULT = Bytes.utf8("system.posix_acl_default");

    private static final String[] REFUSED = {"trusted.overlay.", "user.overlay.", "user.fuseoverlayfs."};
    private static final String[] DROPPED = {"user.rsync.", "user.containers."};

    private XattrPolicy() {}

    /** By the attribute's full name. */
    public static Verdict judge(Bytes name) {
        for (String prefix : REFUSED) {
            if (name.startsWith(prefix)) {
                return Verdict.REFUSE;
            }
        }
        for (String prefix : DROPPED) {
            if (name.startsWith(prefix)) {
                return Verdict.DROP;
            }
        }
        boolean kept = (name.startsWith("user.") && name.length() > 5)
                || name.equals(CAPABILITY)
                || name.equals(ACL_ACCESS)
                || name.equals(ACL_DEFAULT);
        return kept ? Verdict.KEEP : Verdict.DROP;
    }

    /**
     * Whether an attribute that a program in a sliver sees there belongs to it, and stays when the sliver is rewritten or
     * copied: all that an import keeps, all of {@code user.*} whichever tool's it is, and what is only stored as an overlay's
     * own when it is escaped. What an import leaves out or refuses, nobody else but the owner can have put there.
     */
    public static boolean isOwners(Bytes seen) {
        return (seen.startsWith("user.") && seen.length() > 5) || judge(seen) != Verdict.DROP;
    }

    /** A name's namespace and, outside {@code user.}, the name itself: what dropped attributes are counted by. */
    public static String family(Bytes name) {
        String text = Bytes.show(name.array());
        String[] parts = text.split("\\.", 3);
        return parts.length < 2 ? text : parts[0] + "." + parts[1];
    }

    /** Whether a value of {@code security.capability} has the form of version 2 or 3. */
    public static boolean isCapabilityValue(byte[] value) {
        if (value.length < 4) {
            return false;
        }
        int version = ByteBuffer.wrap(value).order(ByteOrder.LITTLE_ENDIAN).getInt() & 0xff000000;
        return (version == 0x02000000 && value.length == 20) || (version == 0x03000000 && value.length == 24);
    }

    /** Splits what {@code flistxattr} gives: names, each ended by NUL. */
    public static List<Bytes> names(byte[] list) {
        List<Bytes> names = new ArrayList<>();
        int start = 0;
        for (int i = 0; i < list.length; i++) {
            if (list[i] == 0) {
                if (i > start) {
                    names.add(Bytes.copy(list, start, i));
                }
                start = i + 1;
            }
        }
        return names;
    }
}
