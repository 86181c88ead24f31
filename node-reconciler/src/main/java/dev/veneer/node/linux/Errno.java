package dev.veneer.node.linux;

import java.util.Map;

/** Error numbers of Linux (the same on x86_64 and aarch64), with the text that {@code strerror} gives. */
public final class Errno {
    /** Operation not permitted. */
    public static final int EPERM = 1;

    /** No such file or directory. */
    public static final int ENOENT = 2;

    /** No such process. */
    public static final int ESRCH = 3;

    /** Interrupted system call. */
    public static final int EINTR = 4;

    /** Input/output error. */
    public static final int EIO = 5;

    /** No such device or address. */
    public static final int ENXIO = 6;

    /** Argument list too long. */
    public static final int E2BIG = 7;

    /** Bad file descriptor. */
    public static final int EBADF = 9;

    /** Resource temporarily unavailable. */
    public static final int EAGAIN = 11;

    /** Cannot allocate memory. */
    public static final int ENOMEM = 12;

    /** Permission denied. */
    public static final int EACCES = 13;

    /** Bad address. */
    public static final int EFAULT = 14;

    /** Device or resource busy. */
    public static final int EBUSY = 16;

    /** File exists. */
    public static final int EEXIST = 17;

    /** Invalid cross-device link. */
    public static final int EXDEV = 18;

    /** No such device. */
    public static final int ENODEV = 19;

    /** Not a directory. */
    public static final int ENOTDIR = 20;

    /** Is a directory. */
    public static final int EISDIR = 21;

    /** Invalid argument. */
    public static final int EINVAL = 22;

    /** Too many open files in system. */
    public static final int ENFILE = 23;

    /** Too many open files. */
    public static final int EMFILE = 24;

    /** Inappropriate ioctl for device. */
    public static final int ENOTTY = 25;

    /** Text file busy. */
    public static final int ETXTBSY = 26;

    /** File too large. */
    public static final int EFBIG = 27;

    /** No space left on device. */
    public static final int ENOSPC = 28;

    /** Illegal seek. */
    public static final int ESPIPE = 29;

    /** Read-only file system. */
    public static final int EROFS = 30;

    /** Too many links. */
    public static final int EMLINK = 31;

    /** Numerical result out of range. */
    public static final int ERANGE = 34;

    /** File name too long. */
    public static final int ENAMETOOLONG = 36;

    /** Function not implemented. */
    public static final int ENOSYS = 38;

    /** Directory not empty. */
    public static final int ENOTEMPTY = 39;

    /** Too many levels of symbolic links. */
    public static final int ELOOP = 40;

    /** No data available. */
    public static final int ENODATA = 61;

    /** Value too large for defined data type. */
    public static final int EOVERFLOW = 75;

    /** Too many users. */
    public static final int EUSERS = 87;

    /** Operation not supported. */
    public static final int EOPNOTSUPP = 95;

    /** Connection refused. */
    public static final int ECONNREFUSED = 111;

    /** Operation already in progress. */
    public static final int EALREADY = 114;

    /** Stale file handle. */
    public static final int ESTALE = 116;

    /** Structure needs cleaning: what a file system says of itself when it is damaged. */
    public static final int EUCLEAN = 117;

    /** Disk quota exceeded. */
    public static final int EDQUOT = 122;

    private static final Map<Integer, String> TEXT = Map.ofEntries(
            Map.entry(EPERM, "Operation not permitted (EPERM)"),
            Map.entry(ENOENT, "No such file or directory (ENOENT)"),
            Map.entry(ESRCH, "No such process (ESRCH)"),
            Map.entry(EINTR, "Interrupted system call (EINTR)"),
            Map.entry(EIO, "Input/output error (EIO)"),
            Map.entry(ENXIO, "No such device or address (ENXIO)"),
            Map.entry(E2BIG, "Argument list too long (E2BIG)"),
            Map.entry(EBADF, "Bad file descriptor (EBADF)"),
            Map.entry(EAGAIN, "Resource temporarily unavailable (EAGAIN)"),
            Map.entry(ENOMEM, "Cannot allocate memory (ENOMEM)"),
            Map.entry(EACCES, "Permission denied (EACCES)"),
            Map.entry(EFAULT, "Bad address (EFAULT)"),
            Map.entry(EBUSY, "Device or resource busy (EBUSY)"),
            Map.entry(EEXIST, "File exists (EEXIST)"),
            Map.entry(EXDEV, "Invalid cross-device link (EXDEV)"),
            Map.entry(ENODEV, "No such device (ENODEV)"),
            Map.entry(ENOTDIR, "Not a directory (ENOTDIR)"),
            Map.entry(EISDIR, "Is a directory (EISDIR)"),
            Map.entry(EINVAL, "Invalid argument (EINVAL)"),
            Map.entry(ENFILE, "Too many open files in system (ENFILE)"),
            Map.entry(EMFILE, "Too many open files (EMFILE)"),
            Map.entry(ENOTTY, "Inappropriate ioctl for device (ENOTTY)"),
            Map.entry(ETXTBSY, "Text file busy (ETXTBSY)"),
            Map.entry(EFBIG, "File too large (EFBIG)"),
            Map.entry(ENOSPC, "No space left on device (ENOSPC)"),
            Map.entry(ESPIPE, "Illegal seek (ESPIPE)"),
            Map.entry(EROFS, "Read-only file system (EROFS)"),
            Map.entry(EMLINK, "Too many links (EMLINK)"),
            Map.entry(ERANGE, "Numerical result out of range (ERANGE)"),
            Map.entry(ENAMETOOLONG, "File name too long (ENAMETOOLONG)"),
            Map.entry(ENOSYS, "Function not implemented (ENOSYS)"),
            Map.entry(ENOTEMPTY, "Directory not empty (ENOTEMPTY)"),
            Map.entry(ELOOP, "Too many levels of symbolic links (ELOOP)"),
            Map.entry(ENODATA, "No data available (ENODATA)"),
            Map.entry(EOVERFLOW, "Value too large for defined data type (EOVERFLOW)"),
            Map.entry(EUSERS, "Too many users (EUSERS)"),
            Map.entry(EOPNOTSUPP, "Operation not supported (EOPNOTSUPP)"),
            Map.entry(ECONNREFUSED, "Connection refused (ECONNREFUSED)"),
            Map.entry(EALREADY, "Operation already in progress (EALREADY)"),
            Map.entry(ESTALE, "Stale file handle (ESTALE)"),
            Map.entry(EUCLEAN, "Structure needs cleaning (EUCLEAN)"),
            Map.entry(EDQUOT, "Disk quota exceeded (EDQUOT)"));

    private Errno() {}

    /** The text for people, with the symbolic name. */
    public static String describe(int errno) {
        return TEXT.getOrDefault(errno, "error " + errno);
    }
}
