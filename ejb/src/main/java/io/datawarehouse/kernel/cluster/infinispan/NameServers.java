package io.datawarehouse.kernel.cluster.infinispan;

import java.io.IOException;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Hashtable;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import javax.naming.Context;
import javax.naming.InvalidNameException;
import javax.naming.NameNotFoundException;
import javax.naming.NamingEnumeration;
import javax.naming.NamingException;
import javax.naming.directory.Attribute;
import javax.naming.directory.DirContext;
import javax.naming.directory.InitialDirContext;

/**
 * Asks name servers: those of the machine, or some that were named. Addresses come by the machine's
 * own way where none was named, with its hosts file, its search list and Java's cache; service
 * records, and all where servers were named, from the servers at every question. Thread-safe; a
 * question takes 1.5 s at most for each server.
 */
final class NameServers {

  private static final String FACTORY = "com.sun.jndi.dns.DnsContextFactory";
  private static final String FIRST_WAIT_MILLIS = "500";
  private static final String ATTEMPTS = "2";
  private static final int SERVICE_PARTS = 4;

  private final List<String> servers;

  /** Makes what asks those servers, each an address with or without a port; none for the usual. */
  NameServers(List<String> servers) {
    this.servers = List.copyOf(servers);
  }

  /** Which addresses are wanted. */
  enum Family {
    /** Of version 4. */
    V4,
    /** Of version 6. */
    V6,
    /** Of both. */
    ANY;

    private List<String> records() {
      return switch (this) {
        case V4 -> List.of("A");
        case V6 -> List.of("AAAA");
        case ANY -> List.of("A", "AAAA");
      };
    }

    private boolean includes(InetAddress address) {
      return records().contains(address instanceof Inet6Address ? "AAAA" : "A");
    }
  }

  /**
   * A place of a service.
   *
   * @param host where
   * @param port on which port, 0 where the record names none
   */
  record Service(String host, int port) {}

  /** Returns the addresses of a name; none where there is no such name. */
  List<InetAddress> addresses(String name, Family family) throws IOException {
    if (servers.isEmpty()) {
      try {
        return Arrays.stream(InetAddress.getAllByName(name)).filter(family::includes).toList();
      } catch (UnknownHostException e) {
        return List.of();
      }
    }
    List<InetAddress> addresses = new ArrayList<>();
    for (String record : family.records()) {
      for (String text : ask(name, record)) {
        // What a record of that kind holds is an address in digits: nothing is looked up.
        addresses.add(InetAddress.getByName(text));
      }
    }
    return addresses;
  }

  /** Returns where a service is; nowhere where there is no such name. */
  List<Service> services(String name) throws IOException {
    List<Service> services = new ArrayList<>();
    for (String text : ask(name, "SRV")) {
      String[] parts = text.strip().split("\\s+", -1);
      // A target of "." says that there is no such service.
      if (parts.length == SERVICE_PARTS && !parts[3].equals(".")) {
        services.add(new Service(withoutDot(parts[3]), portIn(text, parts[2])));
      }
    }
    return services;
  }

  private static int portIn(String text, String digits) throws IOException {
    try {
      return Integer.parseInt(digits);
    } catch (NumberFormatException e) {
      throw new IOException("a service record cannot be read: " + text, e);
    }
  }

  private static String withoutDot(String host) {
    return host.endsWith(".") ? host.substring(0, host.length() - 1) : host;
  }

  /** The name comes from the operator's own configuration, never from a request. */
  @SuppressWarnings("BanJNDI")
  private List<String> ask(String name, String record) throws IOException {
    try {
      DirContext context = new InitialDirContext(environment());
      try {
        Attribute values = context.getAttributes(name, new String[] {record}).get(record);
        return values == null ? List.of() : textsIn(values);
      } finally {
        context.close();
      }
    } catch (NameNotFoundException e) {
      return List.of();
    } catch (InvalidNameException e) {
      throw new IOException("'" + name + "' is no name: " + e.getMessage(), e);
    } catch (NamingException e) {
      throw new IOException(
          "no name server answers for %s records of '%s': %s".formatted(record, name, said(e)), e);
    }
  }

  private static List<String> textsIn(Attribute values) throws NamingException {
    List<String> texts = new ArrayList<>();
    NamingEnumeration<?> each = values.getAll();
    try {
      while (each.hasMore()) {
        texts.add(String.valueOf(each.next()));
      }
    } finally {
      each.close();
    }
    return texts;
  }

  private static String said(NamingException e) {
    Throwable root = e.getRootCause();
    return String.valueOf(root == null ? e.getMessage() : root.getMessage());
  }

  /** JNDI asks for a table of that kind. */
  @SuppressWarnings("JdkObsolete")
  private Hashtable<String, String> environment() {
    Hashtable<String, String> environment = new Hashtable<>();
    environment.put(Context.INITIAL_CONTEXT_FACTORY, FACTORY);
    environment.put("com.sun.jndi.dns.timeout.initial", FIRST_WAIT_MILLIS);
    environment.put("com.sun.jndi.dns.timeout.retries", ATTEMPTS);
    environment.put(
        Context.PROVIDER_URL,
        servers.isEmpty()
            ? "dns:"
            : servers.stream()
                .map(server -> "dns://" + server.toLowerCase(Locale.ROOT))
                .collect(Collectors.joining(" ")));
    return environment;
  }
}
