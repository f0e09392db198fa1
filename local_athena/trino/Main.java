/** Starts Trino. Its own starter, trino-server-main, is not on Maven Central. */
public final class Main {
    public static void main(String[] arguments) {
        new io.trino.server.Server().start("476");
    }
}
