package dev.veneer.node.kubernetes;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** What lies between an agent and its API server, and can lose connections in the ways of networks. */
final class Relay implements AutoCloseable {
    private static final int BUFFER = 16 << 10;

    private final int target;
    private final int port;
    private final Set<Pair> pairs = ConcurrentHashMap.newKeySet();
    private volatile ServerSocket server;

    /** Both sides of a connection. */
    private static final class Pair {
        final Socket near;
        final Socket far;
        volatile boolean frozen;

        Pair(Socket near, Socket far) {
            this.near = near;
            this.far = far;
        }

        void close() {
            for (Socket socket : new Socket[] {near, far}) {
                try {
                    socket.close();
                } catch (IOException e) {
                    throw new AssertionError(e);
                }
            }
        }
    }

    /** Leads to a port of the loopback. */
    Relay(int target) throws IOException {
        this.target = target;
        this.server = open(0);
        this.port = server.getLocalPort();
        accept(server);
    }

    private static ServerSocket open(int port) throws IOException {
        ServerSocket socket = new ServerSocket();
        socket.setReuseAddress(true);
        socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
        return socket;
    }

    int port() {
        return port;
    }

    /** Nothing passes any more over the connections that there are, and nobody is told. New ones work. */
    void freeze() {
        pairs.forEach(pair -> pair.frozen = true);
    }

    /** All connections end, and new ones are refused. */
    void cut() throws IOException {
        server.close();
        pairs.forEach(Pair::close);
        pairs.clear();
    }

    /** New connections work again. */
    void mend() throws IOException {
        server = open(port);
        accept(server);
    }

    private void accept(ServerSocket listening) {
        start(() -> {
            try {
                while (true) {
                    Socket near = listening.accept();
                    Pair pair = new Pair(near, new Socket(InetAddress.getLoopbackAddress(), target));
                    pairs.add(pair);
                    start(() -> copy(pair, pair.near, pair.far));
                    start(() -> copy(pair, pair.far, pair.near));
                }
            } catch (IOException e) {
                // It was cut.
                return;
            }
        });
    }

    private void copy(Pair pair, Socket from, Socket to) {
        byte[] buffer = new byte[BUFFER];
        try {
            InputStream in = from.getInputStream();
            OutputStream out = to.getOutputStream();
            for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
                if (!pair.frozen) {
                    out.write(buffer, 0, read);
                }
            }
        } catch (IOException e) {
            // The other side has ended.
        }
        if (!pair.frozen) {
            pair.close();
            pairs.remove(pair);
        }
    }

    private static void start(Runnable task) {
        Thread thread = new Thread(task, "relay");
        thread.setDaemon(true);
        thread.start();
    }

    @Override
    public void close() throws IOException {
        server.close();
        pairs.forEach(Pair::close);
    }
}
