"""A wholesaler's eight tables on MariaDB: what they hold is in gold, to the cent."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from urllib.parse import quote

from tests.support.databases.mariadb_server import Database
from tests.support.progress import run
from tests.support.project.copies import install
from tests.support.project.followed import project_following
from tests.support.road.clean_runs import BUILD
from tests.support.road.lakehouse import Lakehouse

STATUSES = {
    "In Process": "CREATED",
    "On Hold": "CREATED",
    "Shipped": "SHIPPED",
    "Disputed": "DELIVERED",
    "Resolved": "DELIVERED",
    "Cancelled": "CANCELLED",
}


def test_what_it_sells_is_in_gold(tmp_path: Path, database: Database) -> None:
    project = project_following(tmp_path / "project", "wholesale")
    lakehouse = Lakehouse(tmp_path / "home", project)
    owner = (
        f"mysql://root@localhost/{database.name}?unix_socket={quote(str(database.server.socket))}"
    )
    environment = os.environ | install(project) | lakehouse.environment
    environment |= {
        "SIMULATED_DATABASE_URL": owner,
        "WHOLESALE_DATABASE_URL": database.reader,
    }

    def retailpulse(*arguments: str, code: int = 0) -> str:
        program = Path(sys.executable).with_name("retailpulse")
        done = run([program, *arguments], cwd=project, env=environment)
        assert done.returncode == code, done.stdout
        return done.stdout

    def simulate(changes: int) -> None:
        retailpulse("simulate-database", "wholesale", "--rate", "1000", "--changes", str(changes))

    simulate(20)
    assert "of 8 tables landed" in retailpulse("pull", "wholesale")
    lakehouse.build(*BUILD[1:])
    simulate(300)
    # Polling does not see that a line was taken out of an order.
    assert " deleted" in retailpulse("pull", "wholesale", "--reconcile")
    lakehouse.build("--selector", "fast")
    lakehouse.build("--selector", "hourly", command="test")

    orders = database.rows(
        "select order_number, customer_number, status, "
        "coalesce(sum(quantity_ordered * price_each), 0) "
        "from orders left join order_details using (order_number) group by order_number"
    )
    assert {status for _, _, status, _ in orders} > {"In Process", "Shipped", "Cancelled"}
    assert lakehouse.query(
        "select order_id, customer_id, status, source_status, order_amount "
        "from retailpulse.fact_orders where system = 'wholesale' order by order_id"
    ) == [
        (str(order), str(customer), STATUSES[status], status, amount)
        for order, customer, status, amount in sorted(orders)
    ]
    [(count, paid)] = database.rows("select count(*), sum(amount) from payments")
    assert lakehouse.query(
        "select count(*), sum(payment_amount) from retailpulse.fact_payments "
        "where system = 'wholesale'"
    ) == [(count, paid)]
    customers = database.rows("select customer_number, customer_name, city from customers")
    assert lakehouse.query(
        "select customer_id, customer_name, city from retailpulse.dim_customers "
        "where system = 'wholesale' order by customer_id"
    ) == [(str(number), name, city) for number, name, city in sorted(customers)]
    employees = database.rows("select employee_number, office_code from employees")
    assert lakehouse.query(
        "select employee_id, employees.office_id from retailpulse.dim_employees as employees "
        "join retailpulse.dim_offices as offices using (system, office_id) order by employee_id"
    ) == [(str(number), office) for number, office in sorted(employees)]

    # It would write to these tables, whosesoever they are.
    database.execute("drop table retailpulse_simulation")
    refused = retailpulse("simulate-database", "wholesale", "--changes", "1", code=2)
    assert "tables that no wholesale made, such as customers: give it an empty one" in refused
