-- Bytes of every file of a ticket as they are committed now. Volatile on purpose: inside a statement that has waited for
-- the ticket's row it sees what the winner of that wait has written, which the statement's own snapshot does not.
create function bytes_of_ticket(ticket uuid) returns bigint language plpgsql volatile as $$
begin
  return (select coalesce(sum(file_size), 0) from ticket_attachments where ticket_id = ticket);
end
$$;
