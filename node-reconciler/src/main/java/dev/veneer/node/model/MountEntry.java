package dev.veneer.node.model;

/**
 * A line of a mount table, unescaped.
 *
 * @param id mount id
 * @param parent id of the mount that it is mounted on
 * @param device {@code major:minor}
 * @param root the directory of the file system that is the mount's root
 * @param target where it is mounted
 * @param options the mount's own options ({@code rw,nosuid,idmapped,…})
 * @param fsType file system type
 * @param source the source, for ours the label
 * @param superOptions options of the super block
 */
public record MountEntry(
        int id,
        int parent,
        String device,
        String root,
        String target,
        String options,
        String fsType,
        String source,
        String superOptions) {

    /** Whether the mount's own options have this word. */
    public boolean hasOption(String word) {
        return hasWord(options, word);
    }

    /** Whether it can be written: mount and super block. */
    public boolean isWritable() {
        return !hasWord(options, "ro") && !hasWord(superOptions, "ro");
    }

    private static boolean hasWord(String list, String word) {
        int at = list.indexOf(word);
        while (at >= 0) {
            int end = at + word.length();
            if ((at == 0 || list.charAt(at - 1) == ',') && (end == list.length() || list.charAt(end) == ',')) {
                return true;
            }
            at = list.indexOf(word, at + 1);
        }
        return false;
    }
}
